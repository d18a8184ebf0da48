import { expect, test } from 'vitest';
import { nextIn, withNext } from './next';

const search = (next: string) => `?${new URLSearchParams({ next })}`;

test.each(['/', '/p/lunch', '/p/lunch/results?question=2#chart', '/notifications', '/p/a//b'])(
  'a path of our own is gone to: %s',
  (path) => {
    expect(nextIn(search(path))).toBe(path);
    expect(new URL(path, 'https://polls.example').origin).toBe('https://polls.example');
  },
);

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '\\\\evil.example/',
  '/\t/evil.example/',
  '/\n/evil.example/',
  ' //evil.example/',
  'javascript:alert(1)',
  'data:text/html,x',
  'polls',
  '',
])('what is no path of our own is not: %j', (path) => expect(nextIn(search(path))).toBe('/polls'));

test('signing in does not lead to itself', () => {
  expect(['/sign-in', '/sign-in?next=/sign-in', '/sign-up'].map((path) => nextIn(search(path)))).toEqual(
    Array(3).fill('/polls'),
  );
});

test('without a wish it goes on to the polls', () => {
  expect([nextIn(''), nextIn('?other=/p/lunch')]).toEqual(['/polls', '/polls']);
});

test('a page to go on to is taken along', () => {
  expect(withNext('/sign-up', '/polls')).toBe('/sign-up');
  const path = withNext('/sign-up', '/p/lunch?a=b&c');
  expect(nextIn(new URL(path, 'https://polls.example').search)).toBe('/p/lunch?a=b&c');
});
