import { EventEmitter, once } from 'node:events';
import type { Locator } from 'playwright-core';
import { castVote, voteIsCounted } from '../harness/ballot';
import { createPoll, vote } from '../harness/polls';
import { expectConnection, expectVotes } from '../harness/results';
import { settled } from '../harness/settled';
import { recordShifts, shifts } from '../harness/shifts';
import { expect, test } from '../harness/test';
import { DESKTOP, PHONE } from '../harness/visitor';

/** A fifth of what counts as good. */
const MOST = 0.02;

for (const [name, size] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
  test(`nothing moves when results come in, ${name}`, async ({ stack, visit }) => {
    const poll = await createPoll(stack);
    const { page } = await visit({ size });
    await recordShifts(page);
    await page.goto(`/p/${poll.slug}/results`);
    await expectConnection(page, 'Live');
    await page.getByText('1 watching').waitFor();
    for (const choice of [0, 1, 1]) await vote(stack, poll, choice);
    await expectVotes(page, { Thai: 1, Pizza: 2, Salad: 0 });
    await settled(page);
    expect(await shifts(page)).toBeLessThan(MOST);
  });

  test.for(['always', 'after_vote'] as const)(
    `nothing moves when a vote becomes its result, ${name}, results %s`,
    async (result_visibility, { stack, visit }) => {
      const poll = await createPoll(stack, { settings: { result_visibility } });
      const { page } = await visit({ size });
      await recordShifts(page);
      await page.goto(`/p/${poll.slug}`);
      await page.getByText('1 watching').waitFor();
      await settled(page);
      await castVote(page, 'Pizza');
      await voteIsCounted(page);
      await settled(page);
      expect(await shifts(page)).toBeLessThan(MOST);
    },
  );
}

for (const [name, size] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
  for (const start of ['first page', 'poll'] as const) {
    test(`nothing moves when the app takes the place of the first picture, ${start}, ${name}`, async ({
      stack,
      visit,
    }) => {
      const poll = await createPoll(stack);
      const { page } = await visit({ size });
      await recordShifts(page);
      const scripts = new EventEmitter();
      const released = once(scripts, 'released');
      await page.route('**/assets/*.js', async (route) => {
        await released;
        await route.continue();
      });
      await page.goto(start === 'poll' ? `/p/${poll.slug}` : '/', { waitUntil: 'commit' });
      const heading = page.getByRole('heading', { level: 1 });
      await heading.waitFor();
      await page.evaluate(() => document.fonts.ready);
      expect(await page.locator('#content').count()).toBe(0);
      const before = await place(heading);
      scripts.emit('released');
      await settled(page);
      expect(await shifts(page)).toBeLessThan(MOST);
      // A fraction of a pixel more, and it would count as painted anew: much later than the picture.
      expect(await place(heading)).toEqual(before);
    });
  }
}

test('what moves is noticed', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  await recordShifts(page);
  await page.goto(`/p/${poll.slug}/results`);
  await expectConnection(page, 'Live');
  await page.evaluate(() => {
    const block = document.createElement('div');
    block.style.height = '300px';
    document.querySelector('main')?.prepend(block);
  });
  expect(await shifts(page)).toBeGreaterThan(MOST);
});

/** Where it begins, and how high it is; its box may end anywhere beyond its text. */
async function place(element: Locator) {
  const box = await element.boundingBox();
  return { x: box?.x, y: box?.y, height: box?.height };
}
