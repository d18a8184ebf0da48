import type { Poll } from '../../client';
import { useFormats, useMessages } from '../../hooks/use-messages';
import type { Live } from '../../hooks/use-web-socket';
import { vote } from '../../messages/vote';
import { hiddenReason } from '../ballot/hidden-reason';
import { Icon } from '../icon';
import styles from './hidden-results.module.css';

/** Stands in for results that may not be seen: why, and when they may. */
export function HiddenResults({ reason }: { reason: string }) {
  return (
    <div className={styles.hidden}>
      <Icon name="lock" size={28} />
      <p>{reason}</p>
    </div>
  );
}

/** Why there are no results to see, if there are none. */
export function useHiddenReason(poll: Poll, live: Live, hasVoted: boolean): string | undefined {
  const t = useMessages(vote).hidden;
  const { dateTime } = useFormats();
  const reason = hiddenReason(poll, live, hasVoted);
  return reason === 'until' ? t.until(dateTime(poll.ends_at ?? '')) : reason && t[reason];
}
