import { useEffect, useSyncExternalStore } from 'react';
import { ballotSender } from '../ballot-sender';
import { type Answer, type Poll, Problem, type SendingState } from '../client';
import { voterIn } from '../clients';
import { type OwnBallot, ownBallot, votedBy } from '../state/ballots';
import { session } from '../state/session';
import { uuid } from '../state/voter';
import { useStored } from './use-stored';

/** The vote of who is here, and what can be done about it. */
export interface Ballots {
  /** The last ballot; what is voted is `votedBy(ballot)`. */
  ballot: OwnBallot | null;
  /** Sends a ballot that answers questions for the first time. */
  cast: (answers: Answer[], captchaToken?: string) => void;
  /** Sends one that answers them anew. */
  change: (answers: Answer[], captchaToken?: string) => void;
  /** Takes all answers back. */
  revoke: () => void;
  /** Why the last ballot was refused, if it was. */
  problem: Problem | undefined;
  /** While it is sent: `waiting` where the server can't be reached for now. */
  progress: SendingState | undefined;
}

/** The ballot in this poll. It is kept before it is sent, shown at once, and sent until there is an answer. */
export function useBallot(poll: Poll): Ballots {
  const sender = ballotSender(poll);
  // Who votes changes with the session.
  useStored(session);
  const voter = voterIn(poll);
  const kept = useStored(ownBallot(poll.poll_id));
  const ballot = kept?.voter === voter ? kept : null;
  const progress = useSyncExternalStore(sender.subscribe, () => sender.progress);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another voter may have another ballot under way
  useEffect(() => sender.resume(), [sender, voter]);

  const send = (kind: OwnBallot['kind'], answers: Answer[], captchaToken?: string) =>
    sender.send({
      key: uuid(),
      kind,
      answers,
      before: votedBy(ballot),
      state: 'sending',
      voter,
      ...(captchaToken && { captchaToken }),
    });
  return {
    ballot,
    cast: (answers, captchaToken) => send('cast', answers, captchaToken),
    change: (answers, captchaToken) => send('change', answers, captchaToken),
    revoke: () => send('revoke', []),
    problem: problemOf(ballot),
    progress,
  };
}

function problemOf(ballot: OwnBallot | null): Problem | undefined {
  if (!ballot?.refusal) return undefined;
  const { code, detail, status, body } = ballot.refusal;
  return new Problem(code, detail, status, body);
}
