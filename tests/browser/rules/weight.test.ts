import type { Page } from 'playwright-core';
import { createPoll } from '../harness/polls';
import { settled } from '../harness/settled';
import { expect, test } from '../harness/test';

/** The most that the scripts of a first page may weigh, compressed. */
const MOST = 90_000;

test('the scripts of the first page weigh at most 90 KB', async ({ visit }) => {
  const { page } = await visit();
  expect(await scriptBytes(page, '/')).toBeLessThanOrEqual(MOST);
});

test('the scripts of a voting page weigh at most 90 KB', async ({ visit, stack }) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  expect(await scriptBytes(page, `/p/${poll.slug}`)).toBeLessThanOrEqual(MOST);
});

test('a poll is in the page that it is served with: nothing is asked for before it shows', async ({
  visit,
  stack,
}) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  // The API does not answer.
  await page.route('**/api/**', () => undefined);
  await page.goto(`/p/${poll.slug}`);
  await page.getByRole('radio', { name: 'Pizza' }).waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

/** What the network carries of a page's scripts, in bytes. */
async function scriptBytes(page: Page, path: string): Promise<number> {
  const lengths: Promise<number>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return;
    lengths.push(
      response.allHeaders().then((headers) => {
        expect(headers, response.url()).toMatchObject({ 'content-encoding': 'br' });
        return Number(headers['content-length']);
      }),
    );
  });
  await page.goto(path, { waitUntil: 'networkidle' });
  await settled(page);
  const bytes = (await Promise.all(lengths)).reduce((sum, length) => sum + length, 0);
  // Scripts without a length would be NaN here; none at all would be 0.
  expect(bytes).toBeGreaterThan(10_000);
  return bytes;
}
