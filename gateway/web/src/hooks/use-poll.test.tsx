// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Poll, Problem } from '../client';
import { api } from '../clients';
import { ownBallot, votedBy } from '../state/ballots';
import { session } from '../state/session';
import { usePoll } from './use-poll';

vi.mock('../clients', () => ({ api: { poll: vi.fn() }, credentials: () => ({}), voterIn: () => 'browser' }));

const read = vi.mocked(api.poll);
const NOW = Date.parse('2030-01-01T12:00:00Z');
const base = { poll_id: 'poll', slug: 'lunch', status: 'active', starts_at: null, ends_at: null };
const poll = base as Poll;
const OFFLINE = new Problem('offline', 'No answer.', 0);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  read.mockReset().mockResolvedValue(poll);
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  session.remove();
  ownBallot('poll').remove();
});

const wait = (milliseconds: number) => act(() => vi.advanceTimersByTimeAsync(milliseconds));

it('keeps what the server says is voted', async () => {
  read.mockResolvedValue({ ...poll, voted: { where: ['thai'] } });
  renderHook(() => usePoll('lunch'));
  await wait(0);
  expect(votedBy(ownBallot('poll').get())).toEqual([{ question_id: 'where', choice_ids: ['thai'] }]);
});

it('is loaded again when somebody signs in', async () => {
  renderHook(() => usePoll('lunch'));
  await wait(0);
  act(() => session.set({ accessToken: 'a.b.c', expiresAt: NOW + 60_000 }));
  await wait(0);
  expect(read).toHaveBeenCalledTimes(2);
});

it('is tried again by itself where the server could not be reached', async () => {
  read.mockRejectedValueOnce(OFFLINE);
  const { result } = renderHook(() => usePoll('lunch'));
  await wait(0);
  expect(result.current.problem).toBe(OFFLINE);
  await wait(5_000);
  expect(result.current).toMatchObject({ value: poll, problem: undefined });
});

it('is tried again at once when the network is back', async () => {
  read.mockRejectedValueOnce(OFFLINE);
  const { result } = renderHook(() => usePoll('lunch'));
  await wait(0);
  dispatchEvent(new Event('online'));
  await wait(0);
  expect(result.current.value).toBe(poll);
});

it('is not tried again where it is not there', async () => {
  read.mockRejectedValue(new Problem('poll_not_found', 'Gone.', 404));
  renderHook(() => usePoll('lunch'));
  await wait(0);
  await wait(60_000);
  expect(read).toHaveBeenCalledTimes(1);
});

it.each([
  ['opens', { status: 'scheduled', starts_at: '2030-01-01T12:01:00Z' }, 'active'],
  ['closes', { ends_at: '2030-01-01T12:01:00Z' }, 'closed'],
] as const)('is loaded again when it %s', async (_, before, status) => {
  read.mockResolvedValueOnce({ ...poll, ...before });
  const { result } = renderHook(() => usePoll('lunch'));
  await wait(0);
  read.mockResolvedValue({ ...poll, ...before, status });
  await wait(59_000);
  expect(read).toHaveBeenCalledTimes(1);
  await wait(3_000);
  expect(result.current.value?.status).toBe(status);
});

it('is asked for again where the clock here is ahead of the server’s', async () => {
  const late = { ...poll, ends_at: '2030-01-01T11:59:00Z' };
  read.mockResolvedValue(late);
  const { result } = renderHook(() => usePoll('lunch'));
  await wait(0);
  read.mockResolvedValue({ ...late, status: 'closed' });
  await wait(2_000);
  expect(read).toHaveBeenCalledTimes(1);
  await wait(3_000);
  expect(result.current.value?.status).toBe('closed');
});

it('waits for a day that is further off than timeouts last', async () => {
  read.mockResolvedValue({ ...poll, ends_at: '2031-01-01T12:00:00Z' });
  renderHook(() => usePoll('lunch'));
  await wait(0);
  await wait(60_000);
  expect(read).toHaveBeenCalledTimes(1);
});
