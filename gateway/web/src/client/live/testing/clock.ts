import { afterEach, beforeEach, vi } from 'vitest';

/** A clock that only the test moves, for timers and for the signals that time out. */
export function setUpClock(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
      const timeout = new AbortController();
      setTimeout(() => timeout.abort(new DOMException('It took too long.', 'TimeoutError')), milliseconds);
      return timeout.signal;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
}

/** Lets so many milliseconds pass, and what comes of that happen. */
export async function later(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}
