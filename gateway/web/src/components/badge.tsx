import type { ReactNode } from 'react';
import type { Status } from '../client';
import { useMessages } from '../hooks/use-messages';
import { common } from '../messages/common';
import styles from './badge.module.css';
import tones from './tone.module.css';

type Tone = 'neutral' | 'success' | 'warning' | 'info';

/** A short state beside something. `dot` puts a light before it; `pulse` lets it beat. */
export function Badge({
  tone = 'neutral',
  dot,
  pulse,
  children,
}: {
  tone?: Tone;
  dot?: boolean;
  pulse?: boolean;
  children: ReactNode;
}) {
  return (
    <span className={`${styles.badge} ${tones[tone]}`}>
      {dot && <span className={`${styles.dot} ${pulse ? styles.pulse : ''}`} aria-hidden="true" />}
      {children}
    </span>
  );
}

const TONES: Record<Status, Tone> = {
  scheduled: 'warning',
  active: 'success',
  closed: 'neutral',
  archived: 'neutral',
};

/** Where a poll stands. */
export function StatusBadge({ status }: { status: Status }) {
  const t = useMessages(common);
  return (
    <Badge tone={TONES[status]} dot>
      {t.status[status]}
    </Badge>
  );
}
