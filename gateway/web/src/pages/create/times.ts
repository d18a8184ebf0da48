import type { Deadline, Draft } from './draft';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long a poll is open that ends by one of these. */
const DURATIONS: Partial<Record<Deadline, number>> = {
  minutes: 5 * MINUTE,
  hour: HOUR,
  day: DAY,
  week: 7 * DAY,
};

/** When the poll starts; `null` for at once. Like the end, an invalid date where the field is not filled in. */
export function startOf({ start, startsAt }: Draft): Date | null {
  return start === 'at' ? new Date(startsAt) : null;
}

/** When it ends; `null` for never by itself. Durations count from its start. */
export function endOf(draft: Draft, now: Date): Date | null {
  if (draft.deadline === 'at') return new Date(draft.endsAt);
  const duration = DURATIONS[draft.deadline];
  return duration ? new Date((startOf(draft) ?? now).getTime() + duration) : null;
}

/** A time as the browser's field for local times writes it. */
export function localTime(time: Date): string {
  const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');
  const day = `${pad(time.getFullYear(), 4)}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
  return `${day}T${pad(time.getHours())}:${pad(time.getMinutes())}`;
}

/** The full hour after `days` from `now`: what fields for times suggest. */
export function suggestion(days: number, now = new Date()): string {
  const time = new Date(now.getTime() + days * DAY + HOUR);
  time.setMinutes(0);
  return localTime(time);
}
