import type { Poll, Problem } from '../../client';
import type { Ballots } from '../../hooks/use-ballot';
import { useMessages } from '../../hooks/use-messages';
import { vote } from '../../messages/vote';
import { type OwnBallot, votedBy } from '../../state/ballots';
import { Alert, useProblemText } from '../alert';
import styles from './outcome.module.css';

/** What became of the ballot. */
export function Outcome({ poll, ballots }: { poll: Poll; ballots: Ballots }) {
  const { ballot, problem, progress } = ballots;
  if (!ballot) return null;
  if (problem) return <Refused poll={poll} ballot={ballot} problem={problem} />;
  const isWaiting = ballot.state === 'sending' && progress === 'waiting';
  return ballot.kind === 'revoke' ? (
    <Revoked ballot={ballot} isWaiting={isWaiting} />
  ) : (
    <Voted ballot={ballot} isWaiting={isWaiting} />
  );
}

interface TakenProps {
  ballot: OwnBallot;
  /** Whether the server can't be reached. */
  isWaiting: boolean;
}

/** Of the same height whatever it says, unless that is long. */
function Voted({ ballot: { state }, isWaiting }: TakenProps) {
  const t = useMessages(vote);
  const tone = isWaiting ? 'warning' : state === 'sending' ? 'info' : 'success';
  return (
    <Alert tone={tone}>
      <strong className={styles.title}>{t.youVoted}</strong>
      {isWaiting && t.voted.waiting}
      {!isWaiting && state !== 'refused' && t.voted[state]}
    </Alert>
  );
}

function Revoked({ ballot: { state }, isWaiting }: TakenProps) {
  const t = useMessages(vote).revoked;
  if (isWaiting) return <Alert tone="warning">{t.waiting}</Alert>;
  return <Alert>{state === 'sending' ? t.sending : t.accepted}</Alert>;
}

interface RefusedProps {
  poll: Poll;
  ballot: OwnBallot;
  problem: Problem;
}

function Refused({ poll, ballot, problem }: RefusedProps) {
  const t = useMessages(vote);
  const reason = useProblemText(problem);
  // Another browser's vote from this address is as much in the way.
  const isByAddress =
    problem.code === 'already_voted' &&
    poll.settings.voter_identity === 'browser_and_address' &&
    votedBy(ballot).length === 0;
  return (
    <Alert tone="danger">
      <strong className={styles.title}>{ballot.kind === 'cast' ? t.refused : t.changeRefused}</strong>
      {isByAddress ? t.sameAddress : reason}
    </Alert>
  );
}
