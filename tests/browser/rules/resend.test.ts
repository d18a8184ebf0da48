import type { Page } from 'playwright-core';
import { castVote, voteIsCounted } from '../harness/ballot';
import { counted, createPoll } from '../harness/polls';
import { expect, test } from '../harness/test';

const VOTES = '**/api/v1/polls/*/votes';

test('a vote whose answer was cut off is sent again with its key, and counts once', async ({
  stack,
  visit,
}) => {
  const poll = await createPoll(stack);
  const { page, complaints } = await visit();
  complaints.forgive(/ERR_FAILED/);
  const keys = keysOf(page);
  await page.route(
    VOTES,
    async (route) => {
      // It reaches the server, whose answer gets lost.
      const answer = await route.fetch();
      expect(answer.status()).toBe(202);
      await route.abort('failed');
    },
    { times: 1 },
  );
  await page.goto(`/p/${poll.slug}`);
  await castVote(page, 'Pizza');
  await voteIsCounted(page);
  expectResent(keys);
  expect(await counted(stack, poll, 1)).toEqual([0, 1, 0]);
});

test('a vote that a reload cut off is sent again with its key', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  const keys = keysOf(page);
  // The server never hears of it.
  await page.route(VOTES, () => undefined, { times: 1 });
  await page.goto(`/p/${poll.slug}`);
  await castVote(page, 'Salad');
  await page.reload();
  await voteIsCounted(page);
  expectResent(keys);
  expect(await counted(stack, poll, 1)).toEqual([0, 0, 1]);
});

/** The idempotency keys of the votes that a page sends, as it sends them. */
function keysOf(page: Page): (string | undefined)[] {
  const keys: (string | undefined)[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/votes')) {
      keys.push(request.headers()['idempotency-key']);
    }
  });
  return keys;
}

function expectResent(keys: (string | undefined)[]): void {
  expect(keys).toHaveLength(2);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys[1]).toBe(keys[0]);
}
