import { useCallback } from 'react';
import { useFormats, useMessages } from '../hooks/use-messages';
import { useNow } from '../hooks/use-now';
import { vote } from '../messages/vote';
import { clock, isClose, untilTick } from './clock';
import styles from './countdown.module.css';

/** A time to come: its date, and how long it is until then; in the last hour a clock that runs backwards. */
export function Countdown({ to }: { to: string }) {
  const t = useMessages(vote);
  const { dateTime, relative } = useFormats();
  const end = Date.parse(to);
  const now = useNow(useCallback((now: number) => untilTick(end - now), [end]));
  const left = end - now;
  return (
    <time dateTime={to} title={dateTime(to)} className={styles.time}>
      {isClose(left) ? t.inTime(clock(left)) : `${dateTime(to)} (${relative(to, now)})`}
    </time>
  );
}
