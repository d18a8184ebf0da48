import { expect, test, vi } from 'vitest';
import { setUpBench } from './testing/bench';
import { later } from './testing/clock';
import { closedFrame, errorFrame, POLL, resultsFrame } from './testing/frames';
import { Recorder } from './testing/recorder';

const OTHER = '99999999-9999-4999-8999-999999999999';
const bench = setUpBench();

test('a watch subscribes with its tokens and its version, and is live once that is answered', () => {
  const { told } = bench.watch({ version: 4, voterToken: 'v', accessToken: 'a', manageToken: 'm' });
  expect(bench.socket.url).toBe('ws://polls.test/ws');
  bench.socket.open();
  const tokens = { voter_token: 'v', access_token: 'a', manage_token: 'm' };
  expect(bench.socket.of('subscribe')).toEqual([{ type: 'subscribe', poll_id: POLL, version: 4, ...tokens }]);
  expect(told.states).toEqual([]);
  bench.socket.pong();
  expect(told.states).toEqual(['live by socket']);
});

test('many polls share one connection, and each is told what is its own', () => {
  const [first, second] = [bench.watch(), bench.watch({}, OTHER)];
  bench.socket.serve();
  bench.socket.say(resultsFrame(3, OTHER));
  expect(bench.all).toHaveLength(1);
  expect([first.told.versions, second.told.versions]).toEqual([[], [3]]);
});

test('a stale version is ignored, and so is an equal one', () => {
  const { told } = bench.watch({ version: 2 });
  bench.socket.serve();
  for (const version of [1, 2, 5, 5, 4, 6]) bench.socket.say(resultsFrame(version));
  expect(told.versions).toEqual([5, 6]);
});

test('to two watches of a poll is told what either lacks', () => {
  bench.watch({ version: 9 });
  const { told } = bench.watch();
  bench.socket.serve();
  for (const message of bench.socket.of('subscribe')) expect(message).not.toHaveProperty('version');
  bench.socket.say(resultsFrame(9));
  expect(told.versions).toEqual([9]);
});

test('the end of a poll ends its watch, and connects no more', () => {
  const { told } = bench.watch();
  bench.socket.serve();
  bench.socket.say(resultsFrame(4));
  bench.socket.say(closedFrame(4));
  bench.socket.say(resultsFrame(5));
  expect(told.others).toMatchObject([{ type: 'closed', update: { version: 4, closed: true } }]);
  expect(told.versions).toEqual([4]);
  expect(told.states.at(-1)).toBe('ended');
  vi.advanceTimersByTime(5_000);
  expect(bench.socket.isClosed).toBe(true);
});

test('results of a poll that is closed but not final go on', () => {
  const { told } = bench.watch();
  bench.socket.serve();
  for (const version of [1, 2, 3]) bench.socket.say(resultsFrame(version));
  expect(told.versions).toEqual([1, 2, 3]);
  expect(told.states).toEqual(['live by socket']);
});

test('hidden results are told once, and come once they are shown', () => {
  const { told } = bench.watch();
  bench.socket.serve();
  bench.socket.say(errorFrame('results_hidden'));
  bench.socket.say(errorFrame('results_hidden'));
  expect(told.others).toEqual([{ type: 'hidden' }]);
  bench.socket.say(resultsFrame(1));
  expect(told.versions).toEqual([1]);
});

test('results that were hidden meanwhile are asked for and told again, but none that are older', () => {
  const { told, refresh } = bench.watch();
  bench.socket.serve();
  bench.socket.say(resultsFrame(6));
  bench.socket.say(errorFrame('results_hidden'));
  refresh({ voterToken: 'v' });
  expect(bench.socket.of('subscribe').at(-1)).toEqual({
    type: 'subscribe',
    poll_id: POLL,
    voter_token: 'v',
  });
  for (const version of [5, 6, 6]) bench.socket.say(resultsFrame(version));
  expect(told.versions).toEqual([6, 6]);
});

test('a poll that is gone ends its watch', () => {
  const { told } = bench.watch();
  bench.socket.serve();
  bench.socket.say(errorFrame('poll_not_found'));
  expect(told.others).toEqual([{ type: 'gone' }]);
  expect(told.states.at(-1)).toBe('ended');
});

test('an error that names no poll is about the subscription that is not answered yet', () => {
  const [first, second, third] = [bench.watch(), bench.watch({}, OTHER), bench.watch({}, POLL)];
  bench.socket.open();
  bench.socket.say({ type: 'pong' });
  bench.socket.say({ type: 'error', code: 'poll_not_found', detail: 'There is none.' });
  bench.socket.say({ type: 'pong' });
  bench.socket.say({ type: 'pong' });
  expect([first.told.others, second.told.others, third.told.others]).toEqual([[], [{ type: 'gone' }], []]);
  expect([first.told.states, third.told.states]).toEqual([['live by socket'], ['live by socket']]);
});

test('who is refused may ask again with other credentials, from the listener itself', () => {
  const told = new Recorder();
  const asked = bench.client.watch(POLL, { accessToken: 'old' }, (event) => {
    told.listener(event);
    if (event.type === 'error') asked.refresh({ voterToken: 'v' });
  });
  bench.socket.open();
  bench.socket.say({ type: 'error', code: 'token_expired', detail: 'Sign in again.' });
  bench.socket.pong();
  expect(told.others).toMatchObject([{ type: 'error', problem: { code: 'token_expired' } }]);
  expect(bench.socket.of('subscribe').at(-1)).toEqual({
    type: 'subscribe',
    poll_id: POLL,
    voter_token: 'v',
  });
  bench.socket.say(resultsFrame(1));
  expect(told.versions).toEqual([1]);
  expect(told.states).toEqual(['live by socket']);
});

test('where the server could not answer a subscription it is asked again, after as long as it says', async () => {
  const { told } = bench.watch();
  bench.socket.open();
  bench.socket.say({ type: 'error', code: 'unavailable', detail: 'Again.', retry_after: 2 });
  bench.socket.pong();
  expect(told.events).toEqual([]);
  await later(2_499);
  expect(bench.socket.of('subscribe')).toHaveLength(1);
  await later(1);
  expect(bench.socket.of('subscribe')).toHaveLength(2);
  bench.socket.pong();
  expect(told.states).toEqual(['live by socket']);
});

test('a bad frame does no harm', () => {
  const { told } = bench.watch();
  bench.socket.serve();
  bench.socket.sayText('{');
  bench.socket.sayText(new ArrayBuffer(1));
  bench.socket.say(resultsFrame(1));
  expect(told.versions).toEqual([1]);
});

test('viewers are told', () => {
  const { told } = bench.watch();
  bench.socket.serve();
  bench.socket.say({ type: 'viewers', poll_id: POLL, count: 12 });
  expect(told.others).toEqual([{ type: 'viewers', count: 12 }]);
});

test('notifications of the account are told to who listens', () => {
  bench.watch({ accessToken: 'a' });
  const notified = vi.fn();
  const stop = bench.client.onNotification(notified);
  bench.socket.serve();
  const notification = { notification_id: 'n', type: 'closing', poll_id: POLL, message: 'It is over.' };
  bench.socket.say({ type: 'notification', notification });
  stop();
  bench.socket.say({ type: 'notification', notification });
  expect(notified.mock.calls).toEqual([[notification]]);
});

test('who stops when told the end is not told of the connection then', () => {
  const told = new Recorder();
  const asked = bench.client.watch(POLL, {}, (event) => {
    told.listener(event);
    if (event.type === 'closed') asked.stop();
  });
  bench.socket.serve();
  bench.socket.say(closedFrame(1));
  expect(told.states).toEqual(['live by socket']);
});

test('who stops is told nothing more, and the server is told once nobody watches the poll', () => {
  const [first, second] = [bench.watch(), bench.watch()];
  bench.socket.serve();
  first.stop();
  expect(bench.socket.of('unsubscribe')).toEqual([]);
  second.stop();
  expect(bench.socket.of('unsubscribe')).toEqual([{ type: 'unsubscribe', poll_id: POLL }]);
  bench.socket.say(resultsFrame(1));
  first.refresh();
  expect([first.told.versions, second.told.versions]).toEqual([[], []]);
  expect(bench.socket.of('subscribe')).toHaveLength(2);
});

test('a listener that fails keeps nobody else from being told', async () => {
  const failures: unknown[] = [];
  vi.stubGlobal('queueMicrotask', (task: () => void) => failures.push(expect(task).toThrow('mine')));
  bench.client.watch(POLL, {}, () => {
    throw new Error('mine');
  });
  const { told } = bench.watch();
  bench.socket.serve();
  bench.socket.say(resultsFrame(1));
  vi.unstubAllGlobals();
  expect(told.versions).toEqual([1]);
  expect(failures.length).toBeGreaterThan(0);
});
