const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Milliseconds before the end from which seconds are counted. */
export const LAST_HOUR = 60 * MINUTE;

/** Whether a countdown tells seconds. */
export function isClose(left: number): boolean {
  return left <= LAST_HOUR;
}

/** Minutes and seconds: `9:05`. Nothing is left after the end. */
export function clock(left: number): string {
  const seconds = Math.max(0, Math.ceil(left / SECOND));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Milliseconds until what a countdown says changes: to the next second in the last hour, before that to a minute. */
export function untilTick(left: number): number {
  if (left <= 0) return MINUTE;
  if (!isClose(left)) return Math.min(MINUTE, left - LAST_HOUR);
  return left % SECOND || SECOND;
}
