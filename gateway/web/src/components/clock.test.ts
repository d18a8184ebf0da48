import { expect, it } from 'vitest';
import { clock, isClose, LAST_HOUR, untilTick } from './clock';

it('writes minutes and seconds, begun ones as whole', () => {
  expect(clock(545_000)).toBe('9:05');
  expect(clock(544_001)).toBe('9:05');
  expect(clock(LAST_HOUR)).toBe('60:00');
});

it('stays at zero after the end', () => {
  expect(clock(0)).toBe('0:00');
  expect(clock(-5_000)).toBe('0:00');
});

it('counts seconds in the last hour only', () => {
  expect(isClose(LAST_HOUR + 1)).toBe(false);
  expect(isClose(LAST_HOUR)).toBe(true);
});

it('ticks with the seconds that are left', () => {
  expect(untilTick(10_250)).toBe(250);
  expect(untilTick(10_000)).toBe(1_000);
});

it('ticks once a minute before the last hour, and when that begins', () => {
  expect(untilTick(2 * LAST_HOUR)).toBe(60_000);
  expect(untilTick(LAST_HOUR + 1_500)).toBe(1_500);
});
