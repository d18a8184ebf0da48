import type { Poll } from '../client';
import { useMessages } from '../hooks/use-messages';
import type { Live } from '../hooks/use-web-socket';
import { common } from '../messages/common';
import { results } from '../messages/results';
import styles from './crowd.module.css';
import { Icon } from './icon';

interface CrowdProps {
  poll: Poll;
  live: Live;
  /** Leaves out the votes where they stand beside: with the results of a poll's only question. */
  besideResults?: boolean;
}

/** How many watch the poll, and how many votes there are in all. Below all else: it comes late, and moves nothing. */
export function Crowd({ poll, live: { viewers, tally }, besideResults }: CrowdProps) {
  const t = useMessages(common);
  const { inAll, beFirst } = useMessages(results);
  const isUntouched = poll.status === 'active' && tally?.totalVotes === 0;
  return (
    <p className={styles.crowd}>
      {viewers !== undefined && (
        <span className={styles.part}>
          <Icon name="eye" size={18} />
          {t.viewers(viewers)}
        </span>
      )}
      {tally && !(besideResults && poll.questions.length === 1) && (
        <span className={styles.part}>
          <Icon name="chart" size={18} />
          {isUntouched ? beFirst : inAll(tally.totalVotes)}
        </span>
      )}
    </p>
  );
}
