import { expect, test } from 'vitest';
import type { Poll } from '../../client';
import { appended, replaced, without } from './poll-pages';

const poll = (poll_id: string, status: Poll['status'] = 'active') => ({ poll_id, status }) as Poll;
const ids = ({ polls }: { polls: Poll[] }) => polls.map(({ poll_id }) => poll_id);

test('the next page comes below, and tells where the one after it begins', () => {
  const first = { polls: [poll('c'), poll('b')], next_cursor: '1' };
  const all = appended(first, { polls: [poll('a')], next_cursor: null });
  expect([ids(all), all.next_cursor]).toEqual([['c', 'b', 'a'], null]);
});

test('a page that comes twice is shown once', () => {
  const first = { polls: [poll('b')], next_cursor: '1' };
  const next = { polls: [poll('a')], next_cursor: '2' };
  expect(ids(appended(appended(first, next), next))).toEqual(['b', 'a']);
});

test('a poll that changed keeps its place', () => {
  const page = { polls: [poll('b'), poll('a')], next_cursor: '1' };
  const changed = replaced(page, poll('b', 'closed'));
  expect(changed).toEqual({ polls: [poll('b', 'closed'), poll('a')], next_cursor: '1' });
});

test('a poll that is gone leaves the rest', () => {
  const page = { polls: [poll('b'), poll('a')], next_cursor: '1' };
  expect(without(page, 'b')).toEqual({ polls: [poll('a')], next_cursor: '1' });
});
