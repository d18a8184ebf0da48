// @vitest-environment happy-dom
import { cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { usePulse } from './use-pulse';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function seen(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange'));
}

test('it beats while the page is visible, and at once when it is so again', () => {
  const beat = vi.fn();
  renderHook(() => usePulse(beat, 1_000));
  vi.advanceTimersByTime(2_000);
  expect(beat).toHaveBeenCalledTimes(2);
  seen('hidden');
  vi.advanceTimersByTime(5_000);
  expect(beat).toHaveBeenCalledTimes(2);
  seen('visible');
  expect(beat).toHaveBeenCalledTimes(3);
});

test('it beats when the network is back', () => {
  const beat = vi.fn();
  renderHook(() => usePulse(beat, 60_000));
  dispatchEvent(new Event('online'));
  expect(beat).toHaveBeenCalledOnce();
});

test('without an interval it never beats', () => {
  const beat = vi.fn();
  renderHook(() => usePulse(beat, undefined));
  vi.advanceTimersByTime(600_000);
  dispatchEvent(new Event('online'));
  expect(beat).not.toHaveBeenCalled();
});

test('it beats no more once it is gone', () => {
  const beat = vi.fn();
  renderHook(() => usePulse(beat, 1_000)).unmount();
  vi.advanceTimersByTime(5_000);
  dispatchEvent(new Event('online'));
  expect(beat).not.toHaveBeenCalled();
});
