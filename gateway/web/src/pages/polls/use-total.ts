import type { Poll } from '../../client';
import { api, managerCredentials } from '../../clients';
import { useResource } from '../../hooks/use-resource';

/** How many votes a poll has; `undefined` until that is known, and before it takes any. */
export function useTotal({ poll_id, status, results }: Poll): number | undefined {
  const read = async (signal: AbortSignal) => {
    if (results || status === 'scheduled') return results?.total_votes;
    const { total_votes } = await api.results(poll_id, managerCredentials(poll_id), signal);
    return total_votes;
  };
  return useResource(read, [poll_id, status, results], results?.total_votes).value;
}
