import { useRef } from 'react';
import type { Poll } from '../../client';
import { api, managerCredentials } from '../../clients';
import { usePulse } from '../../hooks/use-pulse';
import { type Resource, useResource } from '../../hooks/use-resource';
import { type Minutes, withPage } from './timeline';

/** How often votes over time are loaded again, in milliseconds. */
const EVERY = 15_000;
/** Votes are booked in the minute of their acceptance, which is a while before they are counted. */
const OVERLAP = 10 * 60_000;

/** The poll's votes over time for who manages it; nothing for others. Kept current until the poll is final. */
export function useMinutes({ poll_id, manages }: Poll, isFinal: boolean): Resource<Minutes | undefined> {
  const known = useRef<Minutes>(new Map());
  const resource = useResource<Minutes | undefined>(
    async (signal) => {
      if (!manages) return undefined;
      const newest = Math.max(...known.current.keys());
      const from = Number.isFinite(newest) ? new Date(newest - OVERLAP).toISOString() : undefined;
      known.current = await load(poll_id, known.current, from, signal);
      return known.current;
    },
    [poll_id, manages, isFinal],
  );
  const { value, isLoading, reload } = resource;
  usePulse(reload, value && !isFinal && !isLoading ? EVERY : undefined);
  return resource;
}

async function load(
  pollId: string,
  known: Minutes,
  from: string | undefined,
  signal: AbortSignal,
): Promise<Minutes> {
  const page = await api.stats(pollId, managerCredentials(pollId), from, signal);
  const minutes = withPage(known, page);
  return page.next_from ? load(pollId, minutes, page.next_from, signal) : minutes;
}
