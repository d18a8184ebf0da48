import { expect, test, vi } from 'vitest';
import { fakePage, setUpBench } from './testing/bench';
import { POLL, resultsFrame } from './testing/frames';

const bench = setUpBench();

test('a connection that broke off is made again, and subscribes with the last version', () => {
  const { told } = bench.watch();
  bench.socket.serve();
  bench.socket.say(resultsFrame(8));
  bench.socket.drop();
  expect(told.states.at(-1)).toBe('reconnecting');
  vi.advanceTimersByTime(499);
  expect(bench.all).toHaveLength(1);
  vi.advanceTimersByTime(1);
  bench.socket.serve();
  expect(bench.socket.of('subscribe')).toEqual([{ type: 'subscribe', poll_id: POLL, version: 8 }]);
  expect(told.states).toEqual(['live by socket', 'reconnecting', 'live by socket']);
});

test('a connection that closes at once is not hammered', () => {
  bench.watch();
  for (let closings = 0; closings < 8; closings += 1) {
    bench.socket.serve();
    bench.socket.drop(1001);
    vi.advanceTimersToNextTimer();
  }
  // 0.5, 1, 2, 4, 8, 16, 20 and 20 s after each other.
  const before = bench.all.length;
  bench.socket.serve();
  bench.socket.drop(1001);
  vi.advanceTimersByTime(19_999);
  expect(bench.all).toHaveLength(before);
});

test('a connection that lasted for some seconds is followed by a short pause again', () => {
  bench.watch();
  for (let closings = 0; closings < 5; closings += 1) {
    bench.socket.serve();
    bench.socket.drop();
    vi.advanceTimersToNextTimer();
  }
  bench.socket.serve();
  vi.advanceTimersByTime(5_000);
  const before = bench.all.length;
  bench.socket.drop();
  vi.advanceTimersByTime(500);
  expect(bench.all).toHaveLength(before + 1);
});

test('who is turned away waits longest, whatever the page does', () => {
  const page = fakePage('visible');
  bench.make({ page });
  bench.watch();
  bench.socket.open();
  bench.socket.drop(1008);
  page.window.dispatchEvent(new Event('online'));
  vi.advanceTimersByTime(29_999);
  expect(bench.all).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(bench.all).toHaveLength(2);
});

test('a half-open connection is noticed: a ping every 25 s must be answered within 10 s', () => {
  const { told } = bench.watch();
  bench.socket.serve();
  vi.advanceTimersByTime(25_000);
  expect(bench.socket.of('ping')).toHaveLength(2);
  bench.socket.pong();
  vi.advanceTimersByTime(25_000);
  expect(bench.socket.of('ping')).toHaveLength(3);
  vi.advanceTimersByTime(9_999);
  expect(told.states).toEqual(['live by socket']);
  vi.advanceTimersByTime(1);
  expect(told.states).toEqual(['live by socket', 'reconnecting']);
  expect(bench.socket.isClosed).toBe(true);
});

test('whatever comes after a ping shows that the connection is whole', () => {
  const { told } = bench.watch();
  bench.socket.serve();
  vi.advanceTimersByTime(30_000);
  bench.socket.say(resultsFrame(1));
  vi.advanceTimersByTime(19_999);
  expect(told.states).toEqual(['live by socket']);
});

test('a connection that never opens, or opens and says nothing, is given up after 10 s', () => {
  bench.watch();
  vi.advanceTimersByTime(10_000);
  expect(bench.socket.isClosed).toBe(true);
  vi.advanceTimersByTime(500);
  expect(bench.all).toHaveLength(2);
  bench.socket.open();
  vi.advanceTimersByTime(10_000);
  expect(bench.socket.isClosed).toBe(true);
});

test.each(['online', 'visible'])('a page that is %s again connects at once', (hint) => {
  const page = fakePage('hidden');
  bench.make({ page });
  bench.watch();
  bench.socket.serve();
  bench.socket.drop();
  page.document.dispatchEvent(new Event('visibilitychange'));
  expect(bench.all).toHaveLength(1);
  page.document.visibilityState = 'visible';
  if (hint === 'online') page.window.dispatchEvent(new Event('online'));
  else page.document.dispatchEvent(new Event('visibilitychange'));
  expect(bench.all).toHaveLength(2);
});

test('a page that wakes up finds out at once whether its connection lives', () => {
  const page = fakePage('visible');
  bench.make({ page });
  const { told } = bench.watch();
  bench.socket.serve();
  page.document.dispatchEvent(new Event('visibilitychange'));
  vi.advanceTimersByTime(10_000);
  expect(told.states).toEqual(['live by socket', 'reconnecting']);
});

test('the connection outlives its last watch for some seconds, for the next page', () => {
  bench.watch().stop();
  bench.socket.serve();
  vi.advanceTimersByTime(4_999);
  const { told } = bench.watch();
  bench.socket.pong();
  vi.advanceTimersByTime(10_000);
  expect(bench.socket.isClosed).toBe(false);
  expect(bench.all).toHaveLength(1);
  expect(told.states).toEqual(['live by socket']);
});

test('a client that is closed leaves nothing behind', () => {
  const { told } = bench.watch();
  bench.socket.serve();
  bench.client.close();
  bench.socket.drop();
  expect(bench.socket.isClosed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
  expect(told.states).toEqual(['live by socket']);
});
