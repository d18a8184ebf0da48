import type { Poll, PollPage } from '../../client';

/** Pages of polls, read so far, as one. */
export function appended(soFar: PollPage, next: PollPage): PollPage {
  const known = new Set(soFar.polls.map(({ poll_id }) => poll_id));
  const fresh = next.polls.filter(({ poll_id }) => !known.has(poll_id));
  return { polls: [...soFar.polls, ...fresh], next_cursor: next.next_cursor };
}

/** With the poll as it is now. */
export function replaced(page: PollPage, poll: Poll): PollPage {
  return { ...page, polls: page.polls.map((old) => (old.poll_id === poll.poll_id ? poll : old)) };
}

/** Without the poll. */
export function without(page: PollPage, pollId: string): PollPage {
  return { ...page, polls: page.polls.filter(({ poll_id }) => poll_id !== pollId) };
}
