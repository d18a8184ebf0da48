import { createPoll, question, vote } from '../harness/polls';
import { expectVotes } from '../harness/results';
import { settled } from '../harness/settled';
import { expect, test } from '../harness/test';

test('a presentation shows live results, and how to take part', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}/present`);
  await expectVotes(page, { Thai: 0, Pizza: 0, Salad: 0 });
  await page.getByRole('img', { name: 'QR code of the poll’s address' }).waitFor();
  await page.getByText(poll.slug, { exact: true }).waitFor();
  await vote(stack, poll, 2);
  await expectVotes(page, { Thai: 0, Pizza: 0, Salad: 1 });

  await page.getByRole('button', { name: 'Hide the results' }).click();
  await expectVotes(page, {});
  await page.getByRole('button', { name: 'Show the results' }).click();
  await expectVotes(page, { Thai: 0, Pizza: 0, Salad: 1 });
  await page.getByRole('button', { name: 'Hide the QR code' }).click();
  expect(await page.getByRole('img', { name: /QR code/ }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.waitForURL(`**/p/${poll.slug}/share`);
});

test('arrow keys turn a presentation to other questions', async ({ stack, visit }) => {
  const questions = [question('Where?', ['Lake', 'Museum']), question('When?', ['June', 'July'])];
  const poll = await createPoll(stack, { title: 'Team day', questions });
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}/present`);
  await page.getByText('1 of 2').waitFor();
  await expectVotes(page, { Lake: 0, Museum: 0 });
  await page.keyboard.press('ArrowRight');
  await page.getByText('2 of 2').waitFor();
  await expectVotes(page, { June: 0, July: 0 });
  await page.keyboard.press('ArrowLeft');
  await expectVotes(page, { Lake: 0, Museum: 0 });
});

test('fifty choices fit on a projector’s screen', async ({ stack, visit }) => {
  const choices = Array.from({ length: 50 }, (_, number) => `Choice number ${number + 1}`);
  const poll = await createPoll(stack, { questions: [question('Which of the fifty?', choices)] });
  const { page } = await visit({ size: { width: 1920, height: 1080 } });
  await page.goto(`/p/${poll.slug}/present`);
  await settled(page);
  await page.getByText('Choice number 50').scrollIntoViewIfNeeded();
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
});
