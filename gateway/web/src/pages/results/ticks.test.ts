import { expect, test } from 'vitest';
import { roundTicks, spread } from './ticks';

test('ticks are round and whole', () => {
  expect(roundTicks(1)).toEqual([0, 1]);
  expect(roundTicks(19)).toEqual([0, 5, 10, 15, 20]);
  expect(roundTicks(1234)).toEqual([0, 500, 1000, 1500]);
});

test('the last tick is never below the most votes', () => {
  for (const most of [1, 2, 3, 4, 5, 7, 9, 11, 42, 99, 101, 12_345, 987_654]) {
    const ticks = roundTicks(most);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
    expect(ticks.length).toBeLessThanOrEqual(6);
  }
});

test('what is spread has both ends', () => {
  const items = Array.from({ length: 241 }, (_, index) => index);
  expect(spread(items, 4)).toEqual([0, 80, 160, 240]);
  expect(spread([1, 2], 4)).toEqual([1, 2]);
});
