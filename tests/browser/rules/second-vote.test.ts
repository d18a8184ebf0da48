import { randomUUID } from 'node:crypto';
import { castVote, voteIsCounted } from '../harness/ballot';
import { choiceId, counted, createPoll } from '../harness/polls';
import { expect, test } from '../harness/test';

const ONE_A_BROWSER_AND_ADDRESS = { settings: { voter_identity: 'browser_and_address' } } as const;

test('after a reload the page says that its visitor voted, and a forged second vote is refused', async ({
  stack,
  visit,
}) => {
  const poll = await createPoll(stack);
  const visitor = await visit();
  const { page } = visitor;
  await page.goto(`/p/${poll.slug}`);
  await castVote(page, 'Thai');
  await voteIsCounted(page);
  await page.reload();
  await voteIsCounted(page);
  await page.getByText('your vote').first().waitFor();
  expect(await page.getByRole('radio').count()).toBe(0);

  const forged = await page.request.post(`/api/v1/polls/${poll.poll_id}/votes`, {
    headers: { 'X-Voter-Token': String(await visitor.kept('voter')), 'Idempotency-Key': randomUUID() },
    data: { question_id: poll.questions[0]?.question_id, choice_ids: [choiceId(poll, 1)] },
  });
  expect([forged.status(), (await forged.json()).code]).toEqual([409, 'already_voted']);
  expect(await counted(stack, poll, 1)).toEqual([1, 0, 0]);
});

test('a browser that lost its record of the vote, and not its token, is told by the server', async ({
  stack,
  visit,
}) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}`);
  await castVote(page, 'Thai');
  await voteIsCounted(page);
  await page.evaluate((name) => localStorage.removeItem(name), `pollster.ballot.${poll.poll_id}`);
  await page.reload();
  await voteIsCounted(page);
  expect(await page.getByRole('radio').count()).toBe(0);
});

test('a second tab says that its visitor voted in the first', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page, context } = await visit();
  const second = await context.newPage();
  await second.goto(`/p/${poll.slug}`);
  await second.getByRole('radio').first().waitFor();
  await page.goto(`/p/${poll.slug}`);
  await castVote(page, 'Thai');
  await voteIsCounted(second);
  expect(await second.getByRole('radio').count()).toBe(0);
});

test('where addresses count, clearing the browser gives no second vote', async ({ stack, visit }) => {
  const poll = await createPoll(stack, ONE_A_BROWSER_AND_ADDRESS);
  const { page, complaints } = await visit({ address: '198.51.100.7' });
  await page.goto(`/p/${poll.slug}`);
  await castVote(page, 'Thai');
  await voteIsCounted(page);

  await page.evaluate(() => localStorage.clear());
  await page.reload();
  complaints.forgive(/status of 409/);
  await page.getByLabel('Pizza').check();
  await page.getByRole('button', { name: 'Vote', exact: true }).click();
  await page.getByRole('alert').getByText('Somebody has voted from your address already.').waitFor();
  expect(await counted(stack, poll, 1)).toEqual([1, 0, 0]);
});

test('where addresses count, another address has a vote of its own', async ({ stack, visit }) => {
  const poll = await createPoll(stack, ONE_A_BROWSER_AND_ADDRESS);
  for (const address of ['198.51.100.8', '198.51.100.9']) {
    const { page } = await visit({ address });
    await page.goto(`/p/${poll.slug}`);
    await castVote(page, 'Pizza');
    await voteIsCounted(page);
  }
  expect(await counted(stack, poll, 2)).toEqual([0, 2, 0]);
});
