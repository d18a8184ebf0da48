import { readFile } from 'node:fs/promises';
import jsQr from 'jsqr';
import type { Locator, Page } from 'playwright-core';
import { castVote, voteIsCounted } from '../harness/ballot';
import { expectVotes } from '../harness/results';
import { expect, test } from '../harness/test';

test('a poll is made, shared, voted on, watched, closed and exported', async ({ stack, visit }) => {
  const creator = await visit();
  const { page, context } = creator;
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.url });
  await page.goto('/');
  await page.getByRole('link', { name: 'Create a poll' }).click();
  await page.getByLabel('Your question').fill('Which day suits you?');
  await page.getByLabel('Option 1', { exact: true }).fill('Monday');
  await page.getByLabel('Option 2', { exact: true }).fill('Tuesday');
  await page.getByRole('button', { name: 'Add an option' }).click();
  await page.getByLabel('Option 3', { exact: true }).fill('=Friday');
  await page.getByRole('button', { name: 'Create poll' }).click();

  await page.waitForURL('**/share');
  const link = await page.getByLabel('Link', { exact: true }).inputValue();
  expect(link).toMatch(new RegExp(`^${stack.url}/p/[a-z0-9-]+$`));
  await page.getByRole('button', { name: 'Copy: the link' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await qrText(page.getByRole('img', { name: /QR code/ }))).toBe(link);
  }

  for (const day of ['Tuesday', '=Friday', 'Tuesday']) {
    const voter = await visit();
    await voter.page.goto(link);
    await castVote(voter.page, day);
    await voteIsCounted(voter.page);
  }
  await page.getByRole('link', { name: 'Results' }).click();
  await expectVotes(page, { Monday: 0, Tuesday: 2, '=Friday': 1 });

  await page.getByRole('button', { name: 'Close the poll' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close the poll' }).click();
  await page.getByText('Final', { exact: true }).waitFor();
  const rows = (await download(page, 'CSV')).trim().split('\r\n');
  expect(rows[0]).toBe('submitted_at,question_id,question,choice_ids,choices,voter');
  const choices = rows.slice(1).map((row) => row.split(',')[4]);
  // As text, not as a formula.
  expect(choices.sort()).toEqual(["'=Friday", 'Tuesday', 'Tuesday']);
  const lines = (await download(page, 'JSON'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ question }) => question)).toEqual(Array(3).fill('Which day suits you?'));
  expect((await download(page, 'Parquet')).slice(0, 4)).toBe('PAR1');
});

test('a draft survives a reload, and is gone once the poll is made', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/new');
  await page.getByLabel('Your question').fill('Tea or coffee?');
  await page.getByLabel('Option 1', { exact: true }).fill('Tea');
  await page.reload();
  expect(await page.getByLabel('Your question').inputValue()).toBe('Tea or coffee?');
  expect(await page.getByLabel('Option 1', { exact: true }).inputValue()).toBe('Tea');
  await page.getByLabel('Option 2', { exact: true }).fill('Coffee');
  await page.getByRole('button', { name: 'Create poll' }).click();
  await page.waitForURL('**/share');
  await page.goto('/new');
  expect(await page.getByLabel('Your question').inputValue()).toBe('');
});

test('a poll is joined by its code, by its link, and what leads nowhere is said', async ({
  stack,
  visit,
}) => {
  const maker = await visit();
  await maker.page.goto('/new');
  await maker.page.getByLabel('Your question').fill('Tea or coffee?');
  await maker.page.getByLabel('Option 1', { exact: true }).fill('Tea');
  await maker.page.getByLabel('Option 2', { exact: true }).fill('Coffee');
  await maker.page.getByRole('button', { name: 'Create poll' }).click();
  await maker.page.waitForURL('**/share');
  const slug = new URL(maker.page.url()).pathname.split('/')[2] ?? '';

  const { page, complaints } = await visit();
  complaints.forgive(/status of 404/);
  const field = page.getByLabel('Code or link of a poll');
  await page.goto('/');
  await field.fill('nosuchpoll');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('There is no poll with the code “nosuchpoll”.').waitFor();
  await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
  for (const text of [` ${slug.toUpperCase()} `, `${stack.url}/p/${slug}/results`]) {
    await page.goto('/');
    await field.fill(text);
    await field.press('Enter');
    await page.waitForURL(`**/p/${slug}`);
    await page.getByRole('heading', { level: 1, name: 'Tea or coffee?' }).waitFor();
  }
});

/** What a scanner reads from a picture. */
async function qrText(picture: Locator): Promise<string | undefined> {
  const png = (await picture.screenshot()).toString('base64');
  // A page of its own: this one's policy lets no such pictures in.
  const reader = await picture.page().context().newPage();
  const { pixels, width, height } = await reader.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
    if (!canvas) throw new Error('no canvas');
    canvas.drawImage(image, 0, 0);
    const { data, width, height } = canvas.getImageData(0, 0, image.width, image.height);
    return { pixels: [...data], width, height };
  }, `data:image/png;base64,${png}`);
  await reader.close();
  return jsQr(Uint8ClampedArray.from(pixels), width, height)?.data;
}

async function download(page: Page, format: string): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: format, exact: true }).click(),
  ]);
  return readFile(await file.path(), 'latin1');
}
