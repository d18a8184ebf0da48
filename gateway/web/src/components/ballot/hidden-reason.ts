import type { Poll } from '../../client';
import type { Live } from '../../hooks/use-web-socket';

/** Why no results are shown; the text of `messages/vote` that says so. */
export type HiddenReason = 'afterVote' | 'afterClose' | 'until' | 'votersOnly' | 'coming';

/** Why the results can't be seen, if they can't; `undefined` also where they are just on their way. */
export function hiddenReason(
  { status, ends_at, settings }: Poll,
  { tally, isHidden }: Pick<Live, 'tally' | 'isHidden'>,
  hasVoted: boolean,
): HiddenReason | undefined {
  if (tally || status === 'scheduled') return undefined;
  const isOver = status !== 'active';
  switch (settings.result_visibility) {
    case 'always':
      return undefined;
    case 'after_vote':
      if (hasVoted) return undefined;
      return isOver ? 'votersOnly' : 'afterVote';
    case 'after_close':
      if (isOver) return isHidden ? 'coming' : undefined;
      return ends_at ? 'until' : 'afterClose';
  }
}
