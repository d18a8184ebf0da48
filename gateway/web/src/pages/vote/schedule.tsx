import type { ReactNode } from 'react';
import type { Poll } from '../../client';
import { Countdown } from '../../components/countdown';
import { Icon } from '../../components/icon';
import { useFormats, useMessages } from '../../hooks/use-messages';
import { vote } from '../../messages/vote';
import { nextChange } from '../../state/schedule';
import styles from './schedule.module.css';

/** When the poll opens, closes, or was closed. */
export function Schedule({ poll }: { poll: Poll }) {
  const t = useMessages(vote);
  const next = nextChange(poll);
  if (next) {
    return (
      <Line>
        {poll.status === 'scheduled' ? t.opens : t.closes} <Countdown to={next} />
      </Line>
    );
  }
  const isOpen = poll.status === 'active';
  const since = isOpen ? poll.starts_at : closedAt(poll);
  return (
    since && (
      <Line>
        {isOpen ? t.opened : t.closed} <Time at={since} />
      </Line>
    )
  );
}

/** Of a poll that was closed while it is on the page only its deadline is known, if that has passed. */
function closedAt({ closed_at, ends_at }: Poll): string | null {
  return closed_at ?? (ends_at && Date.parse(ends_at) <= Date.now() ? ends_at : null);
}

function Line({ children }: { children: ReactNode }) {
  return (
    <p className={styles.schedule}>
      <Icon name="clock" size={18} />
      <span>{children}</span>
    </p>
  );
}

function Time({ at }: { at: string }) {
  const { dateTime } = useFormats();
  return <time dateTime={at}>{dateTime(at)}</time>;
}
