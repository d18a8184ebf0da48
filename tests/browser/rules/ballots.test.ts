import { castVote, voteIsCounted } from '../harness/ballot';
import { counted, createPoll, question } from '../harness/polls';
import { expectVotes } from '../harness/results';
import { expect, test } from '../harness/test';

const CHANGEABLE = { settings: { allow_vote_change: true } };

test('a survey is answered in parts', async ({ stack, visit }) => {
  const poll = await createPoll(stack, {
    title: 'Team day',
    questions: [question('Where?', ['Lake', 'Museum']), question('When?', ['June', 'July'])],
  });
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}`);
  await castVote(page, 'Museum');
  await voteIsCounted(page);
  await page.getByLabel('July').check();
  await page.getByRole('button', { name: 'Add answers' }).click();
  await expectVotes(page, { Lake: 0, Museum: 1, June: 0, July: 1 });
  await page.reload();
  await voteIsCounted(page);
  expect(await page.getByRole('radio').count()).toBe(0);
  expect(await counted(stack, poll, 2)).toEqual([0, 1, 0, 1]);
});

test('no more choices can be made than the question takes, and no fewer are sent', async ({
  stack,
  visit,
}) => {
  const poll = await createPoll(stack, {
    questions: [question('Which toppings?', ['Corn', 'Ham', 'Olives', 'Onions'], 2, 3)],
  });
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}`);
  await page.getByLabel('Corn').check();
  await page.getByRole('button', { name: 'Vote', exact: true }).click();
  await page.getByText('Choose one option more.').waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('checkbox');
  await page.getByLabel('Ham').check();
  await page.getByLabel('Olives').check();
  await page.getByText('3 of 3 chosen').waitFor();
  expect(await page.getByLabel('Onions').isDisabled()).toBe(true);
  await page.getByLabel('Corn').uncheck();
  expect(await page.getByLabel('Onions').isDisabled()).toBe(false);
  await castVote(page);
  expect(await counted(stack, poll, 1)).toEqual([0, 1, 1, 0]);
});

test('a vote is changed and taken back where the poll allows it', async ({ stack, visit }) => {
  const poll = await createPoll(stack, CHANGEABLE);
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}`);
  await castVote(page, 'Thai');
  await voteIsCounted(page);
  await page.getByRole('button', { name: 'Change vote' }).click();
  expect(await page.getByLabel('Thai').isChecked()).toBe(true);
  await page.getByLabel('Salad').check();
  await page.getByRole('button', { name: 'Change vote' }).click();
  await expectVotes(page, { Thai: 0, Pizza: 0, Salad: 1 });
  await voteIsCounted(page);

  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByText('Your vote is taken back.').waitFor();
  expect(await counted(stack, poll, 0)).toEqual([0, 0, 0]);
  await castVote(page, 'Pizza');
  await expectVotes(page, { Thai: 0, Pizza: 1, Salad: 0 });
});

test('a vote is not to be changed where the poll does not allow it', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}`);
  await castVote(page, 'Thai');
  await voteIsCounted(page);
  expect(await page.getByRole('button', { name: 'Change vote' }).count()).toBe(0);
});

test('nothing chosen is said beside the question, and the focus goes there', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}`);
  await page.getByRole('button', { name: 'Vote', exact: true }).click();
  await page.getByText('Choose an option.').waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('radio');
});
