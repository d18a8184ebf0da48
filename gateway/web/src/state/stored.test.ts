// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';
import { stored } from './stored';

const isNumber = (value: unknown): value is number => typeof value === 'number';

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

test('what was kept comes back, and the same object for the same text', () => {
  const isList = (value: unknown): value is number[] => Array.isArray(value);
  stored<number[]>('list', [], isList).set([1, 2]);
  const again = stored<number[]>('list', [], isList);
  expect(again.get()).toEqual([1, 2]);
  expect(again.get()).toBe(again.get());
});

test('what is no such value counts as absent', () => {
  const count = stored<number>('count', 7, isNumber);
  for (const text of ['"seven"', '{', 'null']) {
    localStorage.setItem('pollster.count', text);
    expect(count.get()).toBe(7);
  }
});

test('other tabs are heard', () => {
  const count = stored<number>('count', 7, isNumber);
  const onChange = vi.fn();
  const stop = count.subscribe(onChange);
  localStorage.setItem('pollster.count', '8');
  dispatchEvent(new StorageEvent('storage', { key: 'pollster.count' }));
  dispatchEvent(new StorageEvent('storage', { key: 'pollster.other' }));
  expect(onChange).toHaveBeenCalledTimes(1);
  expect(count.get()).toBe(8);
  stop();
  dispatchEvent(new StorageEvent('storage', { key: 'pollster.count' }));
  expect(onChange).toHaveBeenCalledTimes(1);
});

test('where the browser keeps nothing the page does', () => {
  const forbidden = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: forbidden, setItem: forbidden, removeItem: forbidden });
  const count = stored<number>('count', 7, isNumber);
  count.set(9);
  expect(count.get()).toBe(9);
  count.remove();
  expect(count.get()).toBe(7);
});

test('what no longer fits is kept by the page, before what the browser has', () => {
  localStorage.setItem('pollster.count', '8');
  const { getItem } = localStorage;
  const setItem = () => {
    throw new DOMException('The quota is exceeded.', 'QuotaExceededError');
  };
  vi.stubGlobal('localStorage', { getItem: getItem.bind(localStorage), setItem });
  const count = stored<number>('count', 7, isNumber);
  count.set(9);
  expect(count.get()).toBe(9);
});
