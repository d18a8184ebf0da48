// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveListener, Poll, Update, WatchOptions } from '../client';
import { live } from '../clients';
import { type OwnBallot, ownBallot } from '../state/ballots';
import { session } from '../state/session';
import { useWebSocket } from './use-web-socket';

vi.mock('../clients', () => ({ live: { watch: vi.fn() }, credentials: () => ({ voterToken: 'token' }) }));

const watch = vi.mocked(live.watch);
const poll = { poll_id: 'poll', slug: 'lunch', status: 'active' } as Poll;

/** The watches so far, each with what it was told to do. */
let watches: { options: WatchOptions; tell: LiveListener; stop: () => void; refresh: () => void }[];

beforeEach(() => {
  vi.useFakeTimers();
  watches = [];
  watch.mockImplementation((_poll, options, tell) => {
    const made = { options, tell, stop: vi.fn(), refresh: vi.fn() };
    watches.push(made);
    return made;
  });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  ownBallot('poll').remove();
  session.remove();
});

function update(version: number, totalVotes: number): Update {
  return { pollId: 'poll', version, totalVotes, counts: new Map(), responses: new Map(), closed: false };
}

function results(version: number, totalVotes: number) {
  return { type: 'results', update: update(version, totalVotes) } as const;
}

const frame = () => act(() => vi.advanceTimersToNextFrame());

it('watches nothing as long as there is no poll', () => {
  renderHook(() => useWebSocket(undefined));
  expect(watches).toHaveLength(0);
});

it('begins with the results that came with the poll, and their version', () => {
  const served = { version: 7, total_votes: 3, final: false, questions: [] };
  const { result } = renderHook(() =>
    useWebSocket({ ...poll, results: { ...served, poll_id: 'poll', status: 'active' } }),
  );
  expect(result.current.tally?.totalVotes).toBe(3);
  expect(watches[0]?.options.version).toBe(7);
});

it('renders a burst of results once a frame', () => {
  let renders = 0;
  const { result } = renderHook(() => {
    renders += 1;
    return useWebSocket(poll);
  });
  const before = renders;
  for (let version = 1; version <= 50; version++) watches[0]?.tell(results(version, version));
  frame();
  expect(renders - before).toBe(1);
  expect(result.current.tally?.totalVotes).toBe(50);
});

it('shows no results that are hidden again', () => {
  const { result } = renderHook(() => useWebSocket(poll));
  watches[0]?.tell(results(1, 1));
  watches[0]?.tell({ type: 'hidden' });
  frame();
  expect(result.current.isHidden).toBe(true);
  expect(result.current.tally).toBeUndefined();
});

it('is final once the last vote is counted', () => {
  const { result } = renderHook(() => useWebSocket(poll));
  watches[0]?.tell({ type: 'closed', update: update(2, 5) });
  frame();
  expect(result.current).toMatchObject({ isClosed: true, isFinal: true, tally: { totalVotes: 5 } });
});

it('asks again when a ballot is taken, and not before', () => {
  renderHook(() => useWebSocket(poll));
  const ballot: OwnBallot = {
    key: 'k',
    kind: 'cast',
    answers: [],
    before: [],
    state: 'sending',
    voter: 'browser',
  };
  act(() => ownBallot('poll').set(ballot));
  expect(watches[0]?.refresh).not.toHaveBeenCalled();
  act(() => ownBallot('poll').set({ ...ballot, state: 'accepted' }));
  act(() => ownBallot('poll').set({ ...ballot, state: 'confirmed' }));
  expect(watches[0]?.refresh).toHaveBeenCalledTimes(1);
});

it('asks again when the poll is closed, for what is shown then only', () => {
  const { rerender } = renderHook((shown: Poll) => useWebSocket(shown), { initialProps: poll });
  watches[0]?.tell({ type: 'hidden' });
  frame();
  expect(watches[0]?.refresh).not.toHaveBeenCalled();
  rerender({ ...poll, status: 'closed' });
  expect(watches[0]?.refresh).toHaveBeenCalledTimes(1);
});

it('does not ask again for results that were shown all along', () => {
  const { rerender } = renderHook((shown: Poll) => useWebSocket(shown), { initialProps: poll });
  watches[0]?.tell(results(1, 1));
  frame();
  rerender({ ...poll, status: 'closed' });
  expect(watches[0]?.refresh).not.toHaveBeenCalled();
});

it('watches anew, and forgets what it was told, when somebody signs in', () => {
  const { result } = renderHook(() => useWebSocket(poll));
  watches[0]?.tell(results(1, 1));
  frame();
  act(() => session.set({ accessToken: 'a.b.c', expiresAt: Date.now() + 1000 }));
  expect(watches[0]?.stop).toHaveBeenCalled();
  expect(watches).toHaveLength(2);
  expect(result.current.tally).toBeUndefined();
});

it('stops with the page', () => {
  const { unmount } = renderHook(() => useWebSocket(poll));
  unmount();
  expect(watches[0]?.stop).toHaveBeenCalledTimes(1);
});
