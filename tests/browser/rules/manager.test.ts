import { account } from '../harness/accounts';
import { counted, createPoll, vote } from '../harness/polls';
import { expectVotes } from '../harness/results';
import { expect, test } from '../harness/test';

test('who made a poll sees its votes over time, and nobody else does', async ({ stack, visit }) => {
  const { accessToken, ...creator } = await account(stack);
  const poll = await createPoll(stack, {}, { accessToken });
  for (const choice of [0, 1, 1]) await vote(stack, poll, choice);
  await counted(stack, poll, 3);
  const { page } = await visit({ account: { accessToken, ...creator } });
  await page.goto(`/p/${poll.slug}/results`);
  await page.getByRole('heading', { name: 'Votes over time' }).waitFor();
  await page.getByText('Show as a table').click();
  const last = page.getByRole('table').getByRole('row').last();
  await expect.poll(() => last.getByRole('cell').allTextContents()).toEqual(['1', '2', '0']);

  const other = await visit({ account: await account(stack) });
  await other.page.goto(`/p/${poll.slug}/results`);
  await expectVotes(other.page, { Thai: 1, Pizza: 2, Salad: 0 });
  expect(await other.page.getByRole('button', { name: 'Close the poll' }).count()).toBe(0);
  expect(await other.page.getByRole('heading', { name: 'Votes over time' }).count()).toBe(0);
});

test('a poll is closed in the list of one’s own, and the focus stays in it', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit({ manages: [poll] });
  await page.goto('/polls');
  await page.getByRole('button', { name: /^More/ }).click();
  await page.getByRole('button', { name: 'Close the poll' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close the poll' }).click();
  await page.getByRole('main').getByText('Closed', { exact: true }).waitFor();
  const title = page.getByRole('link', { name: poll.title, exact: true });
  await expect.poll(() => title.evaluate((element) => element === document.activeElement)).toBe(true);
});
