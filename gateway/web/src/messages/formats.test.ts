// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { formats } from './formats';

const english = formats('en');
const german = formats('de');

test('numbers are written as the language does', () => {
  expect(english.number(12_345)).toBe('12,345');
  expect(german.number(12_345)).toBe('12.345');
  expect(english.percent(33.3)).toBe('33.3%');
  expect(german.percent(33.3)).toBe('33,3\u00a0%');
});

test('one is not many', () => {
  const forms = { one: '# vote', other: '# votes' };
  expect([0, 1, 2, 1000].map((count) => english.plural(count, forms))).toEqual([
    '0 votes',
    '1 vote',
    '2 votes',
    '1,000 votes',
  ]);
});

test('times are told in the largest unit that fits, rounded', () => {
  const now = Date.UTC(2030, 0, 1);
  const after = (seconds: number) => english.relative(new Date(now + seconds * 1000), now);
  expect(after(0)).toBe('now');
  expect(after(-59)).toBe('59 seconds ago');
  expect(after(80)).toBe('in 1 minute');
  expect(after(3 * 3600 - 60)).toBe('in 3 hours');
  expect(after(-86_400)).toBe('yesterday');
  expect(after(2 * 31_536_000)).toBe('in 2 years');
});
