// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { conflated } from './conflated';

interface State {
  count: number;
  name: string;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('applies a burst once, with what came last of each member', () => {
  const apply = vi.fn();
  const changes = conflated<State>(apply);
  changes.add({ count: 1 });
  changes.add({ name: 'a' });
  changes.add({ count: 2 });
  expect(apply).not.toHaveBeenCalled();
  vi.advanceTimersToNextFrame();
  expect(apply.mock.calls).toEqual([[{ count: 2, name: 'a' }]]);
});

it('begins anew with the next frame', () => {
  const apply = vi.fn();
  const changes = conflated<State>(apply);
  changes.add({ count: 1, name: 'a' });
  vi.advanceTimersToNextFrame();
  changes.add({ count: 2 });
  vi.advanceTimersToNextFrame();
  expect(apply.mock.lastCall).toEqual([{ count: 2 }]);
});

it('applies nothing that was cancelled, and goes on afterwards', () => {
  const apply = vi.fn();
  const changes = conflated<State>(apply);
  changes.add({ count: 1, name: 'a' });
  changes.cancel();
  vi.advanceTimersToNextFrame();
  expect(apply).not.toHaveBeenCalled();
  changes.add({ name: 'b' });
  vi.advanceTimersToNextFrame();
  expect(apply.mock.calls).toEqual([[{ name: 'b' }]]);
});
