import { Problem } from '../problem';
import type { Notification, ProblemBody, Results } from '../types';

/** A poll's counts at one version. */
export interface Update {
  readonly pollId: string;
  /** Grows with every change, never goes back. */
  readonly version: number;
  /** Responses over all questions, one a voter and question. */
  readonly totalVotes: number;
  /** Votes by choice id; a choice that is missing has none. */
  readonly counts: ReadonlyMap<string, number>;
  /** Responses by question id; a question that is missing has none. */
  readonly responses: ReadonlyMap<string, number>;
  /** Whether the poll is known to take no votes any more. */
  readonly closed: boolean;
}

/** What is said of one poll, whichever way it comes. */
export type PollMessage =
  | { type: 'results'; pollId: string; update: Update }
  | { type: 'closed'; pollId: string; update: Update | undefined }
  | { type: 'viewers'; pollId: string; count: number };

/** What the server sends. An error names its poll unless it answers a message of ours. */
export type ServerMessage =
  | PollMessage
  | { type: 'error'; pollId: string | undefined; problem: Problem }
  | { type: 'notification'; notification: Notification }
  | { type: 'pong' };

type Fields = Readonly<Record<string, unknown>>;

/** The message in a frame or event; `undefined` where it is none that matters here, or not a good one. */
export function parseMessage(text: unknown): ServerMessage | undefined {
  const message = parseFields(text);
  switch (message?.type) {
    case 'results':
      return results(message);
    case 'poll_closed':
      return closed(message);
    case 'viewers':
      return viewers(message);
    case 'notification':
      return isFields(message.notification)
        ? { type: 'notification', notification: message.notification as unknown as Notification }
        : undefined;
    case 'error':
      return error(message);
    case 'pong':
      return { type: 'pong' };
  }
  return undefined;
}

/** What an answer to `GET /polls/{poll}/results` says, as a message. */
export function messageOf(results: Results): PollMessage {
  const { poll_id: pollId, version, total_votes: totalVotes, questions } = results;
  const choices = questions.flatMap((question) => question.choices);
  const update = {
    pollId,
    version,
    totalVotes,
    counts: new Map(choices.map(({ choice_id, votes }) => [choice_id, votes])),
    responses: new Map(questions.map(({ question_id, total_votes }) => [question_id, total_votes])),
    closed: results.status === 'closed' || results.status === 'archived',
  };
  return { type: results.final ? 'closed' : 'results', pollId, update };
}

function results(message: Fields): ServerMessage | undefined {
  const update = updateOf(message, false);
  return update && { type: 'results', pollId: update.pollId, update };
}

function closed(message: Fields): ServerMessage | undefined {
  const { poll_id: pollId } = message;
  return isText(pollId) ? { type: 'closed', pollId, update: updateOf(message, true) } : undefined;
}

function viewers({ poll_id: pollId, count }: Fields): ServerMessage | undefined {
  return isText(pollId) && isCount(count) ? { type: 'viewers', pollId, count } : undefined;
}

function error(message: Fields): ServerMessage | undefined {
  const { poll_id: pollId, code, detail, retry_after: retryAfter } = message;
  if (!isText(code) || !isText(detail)) return undefined;
  const after = isCount(retryAfter) ? retryAfter : undefined;
  // A message has no status; it has the rest of what problem details have.
  const problem = new Problem(code, detail, 0, message as unknown as ProblemBody, after);
  return { type: 'error', pollId: isText(pollId) ? pollId : undefined, problem };
}

function updateOf(message: Fields, isClosed: boolean): Update | undefined {
  const { poll_id: pollId, version, total_votes: totalVotes, results } = message;
  if (!isText(pollId) || !isCount(version) || !isCount(totalVotes) || !isFields(results)) return undefined;
  const counts = new Map<string, number>();
  const responses = new Map<string, number>();
  for (const [counted, votes] of Object.entries(results)) {
    if (!isCount(votes)) return undefined;
    const [kind, id = ''] = counted.split(':');
    if (kind === 'choice') counts.set(id, votes);
    if (kind === 'question') responses.set(id, votes);
  }
  return { pollId, version, totalVotes, counts, responses, closed: isClosed };
}

function parseFields(text: unknown): Fields | undefined {
  try {
    const value: unknown = isText(text) ? JSON.parse(text) : undefined;
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
