import { type Locale, regional } from '../state/locale';

/** Forms of a text by number; `#` stands for the number. */
export interface PluralForms {
  one: string;
  other: string;
}

/** How a language writes numbers, times and plurals. */
export interface Formats {
  number(value: number): string;
  /** `12.3` as 12.3 %. */
  percent(value: number): string;
  plural(count: number, forms: PluralForms): string;
  dateTime(time: string | Date): string;
  /** The hour and minute. */
  time(time: string | Date): string;
  /** The day and month. */
  day(time: string | Date): string;
  /** `in 3 minutes`, `2 days ago`. */
  relative(time: string | Date, now?: number): string;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

const made = new Map<Locale, Formats>();

/** The formats of a language, made once. */
export function formats(locale: Locale): Formats {
  const known = made.get(locale);
  if (known) return known;
  const formats = make(regional(locale));
  made.set(locale, formats);
  return formats;
}

function make(tag: string): Formats {
  const numbers = new Intl.NumberFormat(tag);
  const percents = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 });
  const plurals = new Intl.PluralRules(tag);
  const times = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' });
  const hours = new Intl.DateTimeFormat(tag, { timeStyle: 'short' });
  const days = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short' });
  const relatives = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  return {
    number: (value) => numbers.format(value),
    percent: (value) => percents.format(value / 100),
    plural(count, forms) {
      const form = plurals.select(count) === 'one' ? forms.one : forms.other;
      return form.replaceAll('#', numbers.format(count));
    },
    dateTime: (time) => times.format(new Date(time)),
    time: (time) => hours.format(new Date(time)),
    day: (time) => days.format(new Date(time)),
    relative(time, now = Date.now()) {
      const seconds = Math.round((new Date(time).getTime() - now) / 1000);
      const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? (['second', 1] as const);
      return relatives.format(Math.round(seconds / size), unit);
    },
  };
}
