import { castVote } from '../harness/ballot';
import { createPoll } from '../harness/polls';
import { expectVotes } from '../harness/results';
import { expect, test } from '../harness/test';

test('a German browser gets German pages, with German numbers', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit({ locale: 'de-DE' });
  await page.goto(`/p/${poll.slug}`);
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  await page.getByLabel('Pizza', { exact: true }).check();
  await page.getByRole('button', { name: 'Abstimmen' }).click();
  await page.getByText(/100\s%/).waitFor();
  await page.goto('/');
  await page.getByRole('heading', { level: 1, name: /Fragen Sie alle/ }).waitFor();
});

test('a chosen language stays on other pages and after a reload', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  await page.goto('/');
  await page.getByLabel('Language').selectOption('Deutsch');
  await page.getByRole('heading', { level: 1, name: /Fragen Sie alle/ }).waitFor();
  await page.goto('/new');
  await page.getByRole('heading', { level: 1, name: 'Neue Umfrage' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  await page.getByLabel('Sprache').selectOption('English');
  await page.goto(`/p/${poll.slug}`);
  await castVote(page, 'Thai');
  await expectVotes(page, { Thai: 1, Pizza: 0, Salad: 0 });
});
