import { useEffect } from 'react';
import type { Poll } from '../client';
import type { Resource } from './use-resource';
import { type Live, useWebSocket } from './use-web-socket';

/** A loaded poll as it stands by what is watched: its end is known there first; then it is loaded again. */
export function useLivePoll(loaded: Poll, reload: Resource<Poll>['reload']): { poll: Poll; live: Live } {
  const live = useWebSocket(loaded);
  const isNews = live.isClosed && loaded.status === 'active';
  useEffect(() => {
    if (isNews) reload();
  }, [isNews, reload]);
  return { poll: isNews ? { ...loaded, status: 'closed' } : loaded, live };
}
