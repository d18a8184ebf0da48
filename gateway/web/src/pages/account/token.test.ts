// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { clearAddress, tokenInAddress } from './token';

test('a token is read, and stays neither in the address nor in the history', () => {
  history.replaceState({ kept: true }, '', '/verify?token=abc123');
  const length = history.length;
  expect(tokenInAddress()).toBe('abc123');
  clearAddress();
  expect([location.pathname, location.search, history.length]).toEqual(['/verify', '', length]);
  expect(history.state).toEqual({ kept: true });
});

test('an address without a token has none', () => {
  history.replaceState(null, '', '/verify');
  expect(tokenInAddress()).toBe('');
});
