// @vitest-environment happy-dom
import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useSeldom } from './use-seldom';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const render = (first: string | undefined) =>
  renderHook(({ text }: { text: string | undefined }) => useSeldom(text), { initialProps: { text: first } });
const pass = (time: number) => act(() => vi.advanceTimersByTime(time));

test('the first text is not said', () => {
  const { result, rerender } = render(undefined);
  rerender({ text: '1 vote' });
  pass(60_000);
  expect(result.current).toBe('');
});

test('of many changes within ten seconds the last is said, once', () => {
  const { result, rerender } = render('0 votes');
  const said = new Set<string>();
  for (let votes = 1; votes <= 99; votes++) {
    rerender({ text: `${votes} votes` });
    pass(100);
    said.add(result.current);
  }
  expect([...said]).toEqual(['']);
  pass(100);
  expect(result.current).toBe('99 votes');
});

test('a change after a long silence is said at once', () => {
  const { result, rerender } = render('0 votes');
  pass(30_000);
  rerender({ text: '1 vote' });
  pass(0);
  expect(result.current).toBe('1 vote');
});

test('what changed back is not said', () => {
  const { result, rerender } = render('1 vote');
  rerender({ text: '2 votes' });
  rerender({ text: '1 vote' });
  pass(60_000);
  expect(result.current).toBe('');
});
