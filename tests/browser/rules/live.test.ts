import { castVote, voteIsCounted } from '../harness/ballot';
import { createPoll, vote } from '../harness/polls';
import { expectConnection, expectVotes } from '../harness/results';
import { expect, test } from '../harness/test';

test('one votes, and the other sees it without a reload', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const [voter, watcher] = [await visit(), await visit()];
  await watcher.page.goto(`/p/${poll.slug}/results`);
  await expectConnection(watcher.page, 'Live');
  await watcher.page.getByText('Be the first to vote').waitFor();

  await voter.page.goto(`/p/${poll.slug}`);
  await castVote(voter.page, 'Pizza');
  await expectVotes(watcher.page, { Thai: 0, Pizza: 1, Salad: 0 });
  await watcher.page.getByText('100%', { exact: true }).waitFor();
  await voteIsCounted(voter.page);
  await expectVotes(voter.page, { Thai: 0, Pizza: 1, Salad: 0 });
});

test('who watches is counted', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const [one, other] = [await visit(), await visit()];
  await one.page.goto(`/p/${poll.slug}/results`);
  await other.page.goto(`/p/${poll.slug}/results`);
  await one.page.getByText('2 watching').waitFor();
});

test('a poll that reaches its end closes before who watches and who was about to vote', async ({
  stack,
  visit,
}) => {
  const ends_at = new Date(Date.now() + 10_000).toISOString();
  const poll = await createPoll(stack, { ends_at });
  await vote(stack, poll, 0);
  const [watcher, voter] = [await visit(), await visit()];
  await watcher.page.goto(`/p/${poll.slug}/results`);
  await voter.page.goto(`/p/${poll.slug}`);
  await voter.page.getByRole('button', { name: 'Vote', exact: true }).waitFor();

  await watcher.page.getByText('Final', { exact: true }).waitFor();
  await expectVotes(watcher.page, { Thai: 1, Pizza: 0, Salad: 0 });
  await voter.page.getByText('Closed', { exact: true }).first().waitFor();
  expect(await voter.page.getByRole('button', { name: 'Vote', exact: true }).count()).toBe(0);
  await expectVotes(voter.page, { Thai: 1, Pizza: 0, Salad: 0 });
});

test('a poll that is to start later opens by itself', async ({ stack, visit }) => {
  const poll = await createPoll(stack, { starts_at: new Date(Date.now() + 8_000).toISOString() });
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}`);
  await page.getByText('You can vote as soon as the poll opens.').waitFor();
  await castVote(page, 'Salad');
  await voteIsCounted(page);
});

test('a poll that is deleted is gone before who watches', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const [creator, watcher] = [await visit({ manages: [poll] }), await visit()];
  creator.complaints.forgive(/status of 404/);
  watcher.complaints.forgive(/status of 404/);
  await watcher.page.goto(`/p/${poll.slug}/results`);
  await expectConnection(watcher.page, 'Live');
  await creator.page.goto(`/p/${poll.slug}/results`);
  await creator.page.getByRole('button', { name: 'Delete the poll' }).click();
  await creator.page.getByRole('dialog').getByRole('button', { name: 'Delete the poll' }).click();
  await creator.page.waitForURL('**/polls');
  await creator.page.getByText('You have no polls yet').waitFor();
  await watcher.page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
});
