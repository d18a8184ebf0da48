import { expect, test } from 'vitest';
import { Backoff } from './backoff';

const pauses = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

test('backoff is jittered between 0 and its cap, which doubles up to 20 s', () => {
  expect(pauses(new Backoff(() => 0), 8)).toEqual(Array(8).fill(0));
  expect(pauses(new Backoff(() => 1), 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
  expect(pauses(new Backoff(() => 0.25), 3)).toEqual([125, 250, 500]);
});

test('two clients that failed together pause for different times', () => {
  expect(pauses(new Backoff(), 5)).not.toEqual(pauses(new Backoff(), 5));
});

test('after a reset it begins anew', () => {
  const backoff = new Backoff(() => 1);
  pauses(backoff, 5);
  backoff.reset();
  expect(backoff.next()).toBe(500);
});

test('who is asked to stay away does so for the cap, and jittered', () => {
  expect(new Backoff(() => 0).longest()).toBe(20_000);
  expect(new Backoff(() => 1).longest()).toBe(30_000);
});
