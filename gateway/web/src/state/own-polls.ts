import type { Poll } from '../client';
import { isRecord, stored } from './stored';

/** A poll that was made in this browser without an account: whoever holds its manage token is its creator. */
export interface OwnPoll {
  pollId: string;
  slug: string;
  title: string;
  createdAt: string;
  manageToken: string;
}

const isOwnPoll = (value: unknown): value is OwnPoll =>
  isRecord(value) &&
  ['pollId', 'slug', 'title', 'createdAt', 'manageToken'].every(
    (member) => typeof value[member] === 'string',
  );
const isList = (value: unknown): value is OwnPoll[] => Array.isArray(value) && value.every(isOwnPoll);

/** Newest first. */
export const ownPolls = stored<OwnPoll[]>('own-polls', [], isList);

/** Keeps a poll that was just made without an account. */
export function rememberOwnPoll({ poll_id, slug, title, created_at, manage_token }: Poll): void {
  if (!manage_token) return;
  const poll = { pollId: poll_id, slug, title, createdAt: created_at, manageToken: manage_token };
  ownPolls.set([poll, ...ownPolls.get()]);
}

/** Forgets one that was deleted, or claimed by an account. */
export function forgetOwnPoll(pollId: string): void {
  ownPolls.set(ownPolls.get().filter((poll) => poll.pollId !== pollId));
}

/** The manage token of a poll, by its id or slug. */
export function manageToken(poll: string): string | undefined {
  return ownPolls.get().find(({ pollId, slug }) => pollId === poll || slug === poll)?.manageToken;
}
