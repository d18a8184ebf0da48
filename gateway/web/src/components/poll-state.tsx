import type { Poll } from '../client';
import type { Live } from '../hooks/use-web-socket';
import { StatusBadge } from './badge';
import { ConnectionBadge } from './connection-badge';
import styles from './poll-state.module.css';

/** Where a poll stands, and how it is connected: on one line, however narrow. */
export function PollState({ poll, live }: { poll: Poll; live: Live }) {
  return (
    <div className={styles.state}>
      <StatusBadge status={poll.status} />
      <ConnectionBadge live={live} />
    </div>
  );
}
