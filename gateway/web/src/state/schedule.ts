import type { Poll } from '../client';

/** When the poll's status changes by itself next, if it does. */
export function nextChange({ status, starts_at, ends_at }: Poll): string | undefined {
  if (status === 'scheduled') return starts_at ?? undefined;
  return status === 'active' ? (ends_at ?? undefined) : undefined;
}

/** Milliseconds from `now` until then; not above 0 where the clock here is ahead of the server's. */
export function untilChange(poll: Poll, now: number): number | undefined {
  const time = nextChange(poll);
  return time === undefined ? undefined : Date.parse(time) - now;
}
