// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { reloadWhereOutdated } from './outdated';

const reload = vi.fn();
const partIsMissing = () => dispatchEvent(new Event('vite:preloadError', { cancelable: true }));

beforeAll(() => reloadWhereOutdated(reload));
beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  reload.mockClear();
});
afterEach(() => vi.useRealTimers());

test('a page whose part is gone is loaded anew', () => {
  partIsMissing();
  expect(reload).toHaveBeenCalledOnce();
});

test('a part that is still missing then does not load the page over and over', () => {
  for (let time = 0; time < 5; time++) partIsMissing();
  expect(reload).toHaveBeenCalledOnce();
});

test('another release later is another time', () => {
  partIsMissing();
  vi.advanceTimersByTime(61_000);
  partIsMissing();
  expect(reload).toHaveBeenCalledTimes(2);
});

test('without storage, where nobody knows whether it helped before, the visitor decides', () => {
  vi.stubGlobal('sessionStorage', undefined);
  partIsMissing();
  vi.unstubAllGlobals();
  expect(reload).not.toHaveBeenCalled();
});
