import type { Poll } from '../../client';
import { StatusBadge } from '../../components/badge';
import { useFormats, useMessages } from '../../hooks/use-messages';
import { common } from '../../messages/common';
import { polls } from '../../messages/polls';
import styles from './polls-page.module.css';
import { useTotal } from './use-total';

/** How a poll stands: its state, votes and times. */
export function PollFacts({ poll }: { poll: Poll }) {
  const t = useMessages(polls);
  const { votes } = useMessages(common);
  const total = useTotal(poll);
  return (
    <div className={styles.facts}>
      <StatusBadge status={poll.status} />
      <Time at={poll.created_at} text={t.created} />
      {poll.status === 'scheduled' && poll.starts_at && <Time at={poll.starts_at} text={t.starts} />}
      <Ending poll={poll} />
      {/* Last, so that nothing moves when it comes. */}
      <span>{total !== undefined && votes(total)}</span>
    </div>
  );
}

function Ending({ poll: { status, closed_at, ends_at } }: { poll: Poll }) {
  const t = useMessages(polls);
  if (status === 'closed' || status === 'archived') {
    const at = closed_at ?? ends_at;
    return at && <Time at={at} text={t.ended} />;
  }
  return ends_at && <Time at={ends_at} text={t.ends} />;
}

/** A time as people say it, and exactly for who points at it. */
function Time({ at, text }: { at: string; text: (time: string) => string }) {
  const { relative, dateTime } = useFormats();
  return (
    <time dateTime={at} title={dateTime(at)}>
      {text(relative(at))}
    </time>
  );
}
