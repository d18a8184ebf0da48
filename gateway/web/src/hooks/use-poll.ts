import { useEffect } from 'react';
import type { Poll } from '../client';
import { api, credentials, voterIn } from '../clients';
import { learn } from '../state/ballots';
import { ownPolls } from '../state/own-polls';
import { servedPoll } from '../state/page';
import { untilChange } from '../state/schedule';
import { session } from '../state/session';
import { type Resource, useResource } from './use-resource';
import { useStored } from './use-stored';

/** Milliseconds after which to ask again where the server can't answer now, or its clock is behind ours. */
const RETRY = 3_000;
/** Milliseconds over which those who wait for the same moment spread. */
const SPREAD = 2_000;
/** The longest timeout that browsers keep. */
const LONGEST = 2 ** 31 - 1;

/**
 * A poll, as who is here may see it. What the page was served with stands in until it is loaded and while it can't be;
 * it is loaded again when somebody signs in or out, when its start or deadline comes, and when the network is back.
 */
export function usePoll(slug: string): Resource<Poll> {
  const token = useStored(session)?.accessToken;
  const manageToken = useStored(ownPolls).find((poll) => poll.slug === slug)?.manageToken;
  const resource = useResource(
    async (signal) => {
      const poll = await api.poll(slug, credentials(slug), signal);
      if (!signal.aborted) learn(poll, voterIn(poll));
      return poll;
    },
    [slug, token, manageToken],
    servedPoll(slug),
  );
  useRetry(resource);
  useSchedule(resource);
  return resource;
}

/** Loads again what could not be loaded for now. */
function useRetry({ problem, reload }: Resource<Poll>): void {
  useEffect(() => {
    if (!problem?.isTemporary) return;
    const timer = setTimeout(reload, Math.max(RETRY, problem.pause) + spread());
    addEventListener('online', reload);
    return () => {
      clearTimeout(timer);
      removeEventListener('online', reload);
    };
  }, [problem, reload]);
}

/** Loads the poll when it is to open or to close. */
function useSchedule({ value: poll, reload }: Resource<Poll>): void {
  useEffect(() => {
    const left = poll && untilChange(poll, Date.now());
    if (left === undefined) return;
    const timer = setTimeout(reload, Math.min(spread() + (left > 0 ? left : RETRY), LONGEST));
    return () => clearTimeout(timer);
  }, [poll, reload]);
}

function spread(): number {
  return SPREAD * Math.random();
}
