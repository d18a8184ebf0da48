import type { Page } from 'playwright-core';
import { expectFocused, press, tabTo } from '../harness/keyboard';
import { createPoll } from '../harness/polls';
import { expectVotes } from '../harness/results';
import { settled } from '../harness/settled';
import { expect, test } from '../harness/test';

test('a poll is made by keyboard alone', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/');
  await settled(page);
  await tabTo(page, page.getByRole('link', { name: 'Create a poll' }));
  await press(page, 'Enter');
  await page.getByRole('heading', { level: 1, name: 'New poll' }).waitFor();
  await tabTo(page, page.getByLabel('Your question'));
  await page.keyboard.type('Tea or coffee?');
  await press(page, 'Enter');
  await expectFocused(option(page, 1));
  await page.keyboard.type('Tea');
  await tabTo(page, option(page, 2));
  await page.keyboard.type('Coffee');
  await press(page, 'Enter');
  await expectFocused(option(page, 3));
  await page.keyboard.type('Water');
  await press(page, 'Alt+ArrowUp');
  await expectFocused(option(page, 2));
  expect(await option(page, 2).inputValue()).toBe('Water');
  await page.getByRole('status').getByText('Water is now number 2 of 3.').waitFor({ state: 'attached' });
  await tabTo(page, page.getByRole('button', { name: 'Remove: Option 2' }));
  await press(page, 'Enter');
  await expectFocused(option(page, 2));
  expect(await option(page, 2).inputValue()).toBe('Coffee');
  await tabTo(page, page.getByRole('button', { name: 'Create poll' }));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/share');
  await tabTo(page, page.getByRole('link', { name: 'Vote' }));
});

test('questions are put in order by keyboard, and the focus stays with what moves', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/new');
  await settled(page);
  await page.getByLabel('Your question').fill('First?');
  await tabTo(page, page.getByRole('button', { name: 'Add a question' }));
  await press(page, 'Enter');
  const questions = page.getByRole('textbox', { name: /^Question \d$/ });
  await expectFocused(questions.nth(1));
  await page.keyboard.type('Second?');
  const up = page.getByRole('button', { name: 'Move up: Question 2' });
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await expectFocused(up);
  await press(page, 'Enter');
  await expectFocused(page.getByRole('button', { name: 'Move up: Question 1' }));
  expect(await questions.nth(0).inputValue()).toBe('Second?');
  expect(await questions.nth(1).inputValue()).toBe('First?');
});

test('what is wrong with a poll is said at its field, which gets the focus', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/new');
  await settled(page);
  await tabTo(page, page.getByRole('button', { name: 'Create poll' }));
  await press(page, 'Enter');
  const field = page.getByLabel('Your question');
  await expectFocused(field);
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  const described = (await field.getAttribute('aria-describedby'))?.split(' ').at(-1);
  expect(await page.locator(`[id="${described}"]`).textContent()).toContain('Enter a question.');
});

test('a vote is cast by keyboard alone', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}`);
  await settled(page);
  await tabTo(page, page.getByLabel('Thai', { exact: true }));
  await press(page, 'ArrowDown');
  await expectFocused(page.getByLabel('Pizza', { exact: true }));
  expect(await page.getByLabel('Pizza', { exact: true }).isChecked()).toBe(true);
  await tabTo(page, page.getByRole('button', { name: 'Vote', exact: true }));
  await press(page, 'Enter');
  await expectVotes(page, { Thai: 0, Pizza: 1, Salad: 0 });
  await press(page, 'Tab');
});

test('a dialog keeps the focus, is left by Escape, and gives the focus back', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit({ manages: [poll] });
  await page.goto(`/p/${poll.slug}/results`);
  await settled(page);
  const opener = page.getByRole('button', { name: 'Close the poll' });
  await opener.waitFor();
  await tabTo(page, opener);
  await press(page, 'Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  // Beyond its last control there is the browser's own, then its first again: never the page behind it.
  for (let step = 0; step < 6; step += 1) {
    await page.keyboard.press('Tab');
    const place = await page.evaluate(() => {
      const { activeElement: focused, body } = document;
      return focused === body || focused?.closest('dialog') ? 'inside' : focused?.outerHTML;
    });
    expect(place).toBe('inside');
  }
  await page.keyboard.press('Escape');
  // Not only closed: until it is gone, the page takes it for open.
  await page.locator('dialog').waitFor({ state: 'detached' });
  await expectFocused(opener);

  await press(page, 'Enter');
  await dialog.waitFor();
  await tabTo(page, dialog.getByRole('button', { name: 'Close the poll' }));
  await page.keyboard.press('Enter');
  await page.getByText('Final', { exact: true }).waitFor();
  // The button is gone.
  await press(page, 'Tab');
});

test('the first Tab offers to skip to the content', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/');
  await settled(page);
  await press(page, 'Tab');
  await expectFocused(page.getByRole('link', { name: 'Skip to the content' }));
  await press(page, 'Enter');
  await expectFocused(page.getByRole('main'));
});

function option(page: Page, position: number) {
  return page.getByLabel(`Option ${position}`, { exact: true });
}
