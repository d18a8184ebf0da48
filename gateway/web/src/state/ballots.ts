import type { Answer, Poll, Problem } from '../client';
import { isRecord, type Stored, stored } from './stored';

/** What became of a ballot: `sending` until there is a definite answer. */
export type BallotState = 'sending' | 'accepted' | 'confirmed' | 'refused';

/** What this browser voted in a poll: its last ballot, and what earlier ones answered. */
export interface OwnBallot {
  /** The idempotency key, kept before the ballot is sent, so that one that was cut off is sent again as itself. */
  key: string;
  kind: 'cast' | 'change' | 'revoke';
  /** What it says; nothing where it revokes. */
  answers: Answer[];
  /** What was voted before it: a ballot may leave questions out. */
  before: Answer[];
  state: BallotState;
  /** From the answer that took it. */
  voteId?: string;
  /** Why it was refused. */
  refusal?: Refusal;
  /** Solved for it; kept only until it is taken or refused. */
  captchaToken?: string;
  /** Whose it is: an account's subject or the browser's; another's is not shown. */
  voter: string;
}

/** What is kept of a problem. */
export type Refusal = Pick<Problem, 'code' | 'detail' | 'status' | 'body'>;

const isBallot = (value: unknown): value is OwnBallot | null =>
  value === null ||
  (isRecord(value) &&
    typeof value.key === 'string' &&
    Array.isArray(value.answers) &&
    Array.isArray(value.before) &&
    typeof value.state === 'string');

const ballots = new Map<string, Stored<OwnBallot | null>>();

/** The ballot in this poll, kept by the browser. */
export function ownBallot(pollId: string): Stored<OwnBallot | null> {
  const known = ballots.get(pollId);
  if (known) return known;
  const made = stored<OwnBallot | null>(`ballot.${pollId}`, null, isBallot);
  ballots.set(pollId, made);
  return made;
}

/** What is voted once the ballot is counted; what was before where it is refused. */
export function votedBy(ballot: OwnBallot | null): Answer[] {
  if (!ballot) return [];
  if (ballot.state === 'refused') return ballot.before;
  return ballot.kind === 'revoke' ? [] : merged(ballot.before, ballot.answers);
}

/** The choices of these answers. */
export function choicesOf(answers: Answer[]): ReadonlySet<string> {
  return new Set(answers.flatMap(({ choice_ids }) => choice_ids));
}

/** `earlier` with what is answered anew by `later`. */
export function merged(earlier: Answer[], later: Answer[]): Answer[] {
  const isAnew = ({ question_id }: Answer) => later.some((answer) => answer.question_id === question_id);
  return [...earlier.filter((answer) => !isAnew(answer)), ...later];
}

/**
 * The ballot in the light of what the server says this voter voted. It is the one to believe, but has not counted yet
 * what is under way.
 */
export function reconciled(
  ballot: OwnBallot | null,
  voted: NonNullable<Poll['voted']>,
  voter: string,
): OwnBallot | null {
  const own = ballot?.voter === voter ? ballot : null;
  if (own && (own.state === 'sending' || own.state === 'accepted')) return own;
  const answers = Object.entries(voted).map(([question_id, choice_ids]) => ({ question_id, choice_ids }));
  if (own?.state === 'refused') return { ...own, before: answers };
  if (answers.length === 0) return null;
  // Its key is of no use any more.
  return { key: '', kind: 'cast', before: [], answers, state: 'confirmed', voter };
}

/** Takes in what the server says this voter voted, where it says so. */
export function learn({ poll_id, voted }: Poll, voter: string): void {
  if (!voted) return;
  const kept = ownBallot(poll_id);
  const ballot = kept.get();
  const next = reconciled(ballot, voted, voter);
  if (JSON.stringify(next) === JSON.stringify(ballot)) return;
  if (next) kept.set(next);
  // Another voter's stays: it may still be under way.
  else if (ballot?.voter === voter) kept.remove();
}
