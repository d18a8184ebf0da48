import { BadProxy, type Blocked } from '../harness/bad-proxy';
import { createPoll, vote } from '../harness/polls';
import { expectConnection, expectVotes } from '../harness/results';
import { test as base, expect } from '../harness/test';

/** Starts proxies before the stack, and ends them after the test. */
const test = base.extend<{ behind: (blocked: Blocked) => Promise<string> }>({
  behind: async ({ stack }, use) => {
    const proxies: BadProxy[] = [];
    await use(async (blocked) => {
      const proxy = await BadProxy.start(stack.url, blocked);
      proxies.push(proxy);
      return proxy.url;
    });
    await Promise.all(proxies.map((proxy) => proxy.end()));
  },
});

test('behind a proxy without WebSockets, results come as server-sent events', async ({
  behind,
  stack,
  visit,
}) => {
  const poll = await createPoll(stack);
  const { page, complaints } = await visit({}, { ...stack, url: await behind({ webSockets: true }) });
  complaints.forgive(/WebSocket connection to/);
  const streams: string[] = [];
  page.on('response', (response) => {
    if (response.headers()['content-type']?.startsWith('text/event-stream')) streams.push(response.url());
  });
  await page.goto(`/p/${poll.slug}/results`);
  await expectConnection(page, 'Live');
  expect(streams).toHaveLength(1);
  await vote(stack, poll, 1);
  await expectVotes(page, { Thai: 0, Pizza: 1, Salad: 0 });
  await vote(stack, poll, 2);
  await expectVotes(page, { Thai: 0, Pizza: 1, Salad: 1 });
});

test('behind a proxy without streams either, results are asked for again and again', async ({
  behind,
  stack,
  visit,
}) => {
  const poll = await createPoll(stack);
  const url = await behind({ webSockets: true, events: true });
  const { page, complaints } = await visit({}, { ...stack, url });
  complaints.forgive(/WebSocket connection to/, /status of 502/);
  await page.goto(`/p/${poll.slug}/results`);
  await expectConnection(page, 'Live, with some delay');
  await vote(stack, poll, 1);
  await expectVotes(page, { Thai: 0, Pizza: 1, Salad: 0 });
  await vote(stack, poll, 0);
  await expectVotes(page, { Thai: 1, Pizza: 1, Salad: 0 });
});
