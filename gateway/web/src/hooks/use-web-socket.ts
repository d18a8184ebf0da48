import { useCallback, useEffect, useMemo, useReducer, useRef } from 'react';
import type { ConnectionState, LiveEvent, Poll, Watch } from '../client';
import { credentials, live } from '../clients';
import { ownBallot } from '../state/ballots';
import { ownPolls } from '../state/own-polls';
import { session } from '../state/session';
import { newest, type Tally, tallyOf, tallyOfUpdate } from '../state/tally';
import { conflated } from './conflated';
import { useStored } from './use-stored';

/** What is known of a poll that is watched. */
export interface Live {
  /** The newest counts, where they may be seen. */
  tally: Tally | undefined;
  connection: ConnectionState;
  /** About how many watch it. */
  viewers: number | undefined;
  /** Whether its results are hidden from who watches, for now. */
  isHidden: boolean;
  /** Whether it takes no votes any more. */
  isClosed: boolean;
  /** Whether all its votes are counted. */
  isFinal: boolean;
  /** Whether it is not there any more. */
  isGone: boolean;
  /** Asks for the results again. */
  refresh: () => void;
}

type Told = Omit<Live, 'refresh'>;

/** Before anything is told. */
const NOTHING: Told = {
  tally: undefined,
  connection: 'connecting',
  viewers: undefined,
  isHidden: false,
  isClosed: false,
  isFinal: false,
  isGone: false,
};

/**
 * Watches a poll as long as it is on the page. Whatever comes is shown with the next frame, however much it is. It asks
 * again when a vote here is taken, which may show or hide the results.
 */
export function useWebSocket(poll: Poll | undefined): Live {
  const pollId = poll?.poll_id;
  const slug = poll?.slug ?? '';
  const token = useStored(session)?.accessToken;
  const manageToken = useStored(ownPolls).find((own) => own.pollId === pollId)?.manageToken;
  const [told, tell] = useReducer(
    (before: Told, change: Partial<Told>) => ({ ...before, ...change }),
    NOTHING,
  );
  const loaded = useMemo(() => poll?.results && tallyOf(poll.results), [poll]);
  const tally = newest(told.tally, loaded);
  const version = useRef<number>(undefined);
  version.current = loaded?.version;
  const watch = useRef<Watch>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the tokens are what `credentials` are made of
  useEffect(() => {
    if (!pollId) return;
    const changes = conflated(tell);
    const options = { ...credentials(slug), version: version.current };
    const watched = live.watch(pollId, options, (event) => changes.add(changeBy(event)));
    const stopVotes = onVote(pollId, () => watched.refresh());
    watch.current = watched;
    return () => {
      stopVotes();
      watched.stop();
      changes.cancel();
      // Who comes next may see less.
      tell(NOTHING);
    };
  }, [pollId, slug, token, manageToken]);

  const refresh = useCallback(() => watch.current?.refresh(), []);
  const isClosed = told.isClosed || poll?.status === 'closed' || poll?.status === 'archived';
  // What is shown at the end only is not sent by itself.
  useEffect(() => {
    if (told.isHidden && isClosed) refresh();
  }, [told.isHidden, isClosed, refresh]);

  return {
    ...told,
    tally: told.isHidden ? undefined : tally,
    isClosed,
    isFinal: told.isFinal || (poll?.results?.final ?? false),
    refresh,
  };
}

/** What an event changes of what is known. */
function changeBy(event: LiveEvent): Partial<Told> {
  switch (event.type) {
    case 'results':
      return {
        tally: tallyOfUpdate(event.update),
        isHidden: false,
        ...(event.update.closed && { isClosed: true }),
      };
    case 'closed':
      return {
        isClosed: true,
        isFinal: true,
        ...(event.update && { tally: tallyOfUpdate(event.update), isHidden: false }),
      };
    case 'viewers':
      return { viewers: event.count };
    case 'hidden':
      return { isHidden: true };
    case 'gone':
      return { isGone: true };
    case 'connection':
      return { connection: event.state };
    case 'error':
      // The connection ends with it; who asks in vain is signed out by what finds that out.
      return {};
  }
}

/** Calls `act` whenever a ballot in this poll is taken; answers how to stop that. */
function onVote(pollId: string, act: () => void): () => void {
  const kept = ownBallot(pollId);
  const taken = () => {
    const ballot = kept.get();
    return ballot?.state === 'accepted' || ballot?.state === 'confirmed' ? ballot.key : undefined;
  };
  let last = taken();
  return kept.subscribe(() => {
    const now = taken();
    if (now !== undefined && now !== last) act();
    last = now;
  });
}
