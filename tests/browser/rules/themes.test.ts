import type { Page } from 'playwright-core';
import { settled } from '../harness/settled';
import { expect, test } from '../harness/test';

const LIGHT = 'rgb(248, 250, 252)';

test('the theme follows the device, also while the page is open', async ({ visit }) => {
  const { page } = await visit({ theme: 'light' });
  await page.goto('/');
  await settled(page);
  expect(await background(page)).toBe(LIGHT);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await brightness(page)).toBeLessThan(0.1);
});

test('a chosen theme stays on other pages and after a reload, whatever the device says', async ({
  visit,
}) => {
  const { page } = await visit({ theme: 'dark' });
  await page.goto('/');
  await page.getByLabel('Theme').selectOption('Light');
  expect(await background(page)).toBe(LIGHT);
  await page.goto('/new');
  await settled(page);
  expect(await background(page)).toBe(LIGHT);
  await page.getByLabel('Theme').selectOption('Dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.reload();
  await settled(page);
  expect(await brightness(page)).toBeLessThan(0.1);
  await page.getByLabel('Theme').selectOption('As the device');
  expect(await background(page)).toBe(LIGHT);
});

test('a chosen theme is there before the first paint', async ({ visit }) => {
  const { page } = await visit({ theme: 'light', kept: { theme: 'dark' } });
  // The app itself never comes.
  await page.route('**/assets/*.js', () => undefined);
  await page.goto('/', { waitUntil: 'commit' });
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

function background(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
}

/** From 0, black, to 1, white. */
async function brightness(page: Page): Promise<number> {
  const [red = 0, green = 0, blue = 0] = (await background(page)).match(/\d+/g)?.map(Number) ?? [
    255, 255, 255,
  ];
  return (red + green + blue) / (3 * 255);
}
