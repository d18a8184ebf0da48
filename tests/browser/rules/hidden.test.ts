import type { Page } from 'playwright-core';
import { Api, type Poll, type ResultVisibility } from '../../../gateway/web/src/client';
import { castVote, voteIsCounted } from '../harness/ballot';
import { createPoll, vote } from '../harness/polls';
import { expectConnection, expectVotes } from '../harness/results';
import type { Place } from '../harness/stack';
import { expect, test } from '../harness/test';
import type { Visitor } from '../harness/visitor';

/** What tells something of the results, wherever it stands. */
const TELLING = /"(votes|total_votes|percentage|version|results)":/;

test('results for voters are told to nobody before their vote', async ({ stack, visit }) => {
  const poll = await pollWithVotes(stack, 'after_vote');
  const visitor = await visit();
  await lookEverywhere(visitor, poll);
  const { page } = visitor;
  await vote(stack, poll, 0);
  await expectHidden(visitor);

  await castVote(page, 'Pizza');
  await voteIsCounted(page);
  await expectVotes(page, { Thai: 3, Pizza: 1, Salad: 0 });
  // The same recording tells it now: nothing would have gone unseen before.
  expect(await visitor.traffic.text()).toMatch(TELLING);
});

test('results for the end are told to nobody before it, not even to voters', async ({ stack, visit }) => {
  const poll = await pollWithVotes(stack, 'after_close');
  const visitor = await visit();
  const { page } = visitor;
  await lookEverywhere(visitor, poll);
  await castVote(page, 'Pizza');
  await voteIsCounted(page);
  await page.getByText('The results are shown when the poll is closed.').waitFor();
  await expectHidden(visitor);

  await new Api(stack.url).closePoll(poll.poll_id, { manageToken: poll.manage_token });
  await expectVotes(page, { Thai: 2, Pizza: 1, Salad: 0 });
  expect(await visitor.traffic.text()).toMatch(TELLING);
});

test('who made the poll sees its results at any time', async ({ stack, visit }) => {
  const poll = await pollWithVotes(stack, 'after_close');
  const { page } = await visit({ manages: [poll] });
  await page.goto(`/p/${poll.slug}/results`);
  await expectVotes(page, { Thai: 2, Pizza: 0, Salad: 0 });
});

async function pollWithVotes(stack: Place, result_visibility: ResultVisibility): Promise<Poll> {
  const poll = await createPoll(stack, { settings: { result_visibility } });
  await Promise.all([vote(stack, poll, 0), vote(stack, poll, 0)]);
  return poll;
}

/** Opens all pages of the poll, the one to vote on last. */
async function lookEverywhere(visitor: Visitor, poll: Poll): Promise<void> {
  const { page, complaints } = visitor;
  complaints.forgive(/status of 403/);
  for (const path of [
    `/p/${poll.slug}/results`,
    `/p/${poll.slug}/present`,
    `/embed/${poll.slug}`,
    `/p/${poll.slug}`,
  ]) {
    await page.goto(path);
    await page.getByText(/The results are shown/).waitFor();
    await isConnected(page);
    await expectHidden(visitor);
  }
}

/** The connection says so, but for the embedded page, which has no room for that. */
async function isConnected(page: Page): Promise<void> {
  if (!page.url().includes('/embed/')) await expectConnection(page, 'Live');
}

async function expectHidden({ page, traffic }: Visitor): Promise<void> {
  expect(await traffic.text()).not.toMatch(TELLING);
  expect(await page.locator('#page').textContent()).not.toMatch(TELLING);
  // No count, no percentage.
  expect(await page.locator('main').textContent()).not.toMatch(/\d+ votes?\b|\d%/);
}
