import { useRef } from 'react';
import type { Poll, PollPage, Problem, Status } from '../../client';
import { api } from '../../clients';
import { useAction } from '../../hooks/use-action';
import { useResource } from '../../hooks/use-resource';
import { useStored } from '../../hooks/use-stored';
import { accessToken, session } from '../../state/session';
import { appended, replaced, without } from './poll-pages';

/** The polls of the account that is signed in. */
export interface AccountPolls {
  /** What was read so far, newest first. */
  polls: Poll[] | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  reload: () => void;
  replace: (poll: Poll) => void;
  remove: (pollId: string) => void;
}

/** Reads them, those of a status or all, a page at a time. */
export function useAccountPolls(status: Status | undefined): AccountPolls {
  const token = useStored(session)?.accessToken;
  const read = (cursor?: string) => api.polls({ accessToken: accessToken() }, { status, cursor });
  const first = useResource<PollPage>(() => read(), [token, status]);
  const page = first.value;

  const shown = useRef(page);
  shown.current = page;
  const more = useAction(async (cursor: string) => {
    const next = await read(cursor);
    // Unless another list has been shown meanwhile.
    if (shown.current?.next_cursor === cursor) first.set(appended(shown.current, next));
  });

  return {
    polls: page?.polls,
    problem: first.problem ?? more.problem,
    isLoading: first.isLoading,
    hasMore: Boolean(page?.next_cursor),
    isLoadingMore: more.busy,
    loadMore: () => page?.next_cursor && void more.run(page.next_cursor),
    reload: first.reload,
    replace: (poll) => page && first.set(replaced(page, poll)),
    remove: (pollId) => page && first.set(without(page, pollId)),
  };
}
