import { useId, useRef } from 'react';
import { useLocation } from 'wouter';
import type { Poll } from '../../client';
import { ProblemAlert } from '../../components/alert';
import { Card } from '../../components/card';
import { Loading } from '../../components/loading';
import { CloseButton } from '../../components/manage/close-button';
import { DeleteButton } from '../../components/manage/delete-button';
import { ExportButtons } from '../../components/manage/export-buttons';
import { useMessages } from '../../hooks/use-messages';
import { results } from '../../messages/results';
import styles from './manager-panel.module.css';
import { useMinutes } from './use-minutes';
import { VotesOverTime } from './votes-over-time';

interface ManagerPanelProps {
  poll: Poll;
  isFinal: boolean;
  onClosed: (closed: Poll) => void;
}

/** What only who manages the poll sees and does; nothing for others. */
export function ManagerPanel({ poll, isFinal, onClosed }: ManagerPanelProps) {
  const t = useMessages(results);
  const [, navigate] = useLocation();
  const chart = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const { value: minutes, problem } = useMinutes(poll, isFinal);
  if (!poll.manages) return null;
  const isOver = poll.status === 'closed' || poll.status === 'archived';
  return (
    <Card>
      <h2 ref={heading} tabIndex={-1} className={styles.heading}>
        {t.manage}
      </h2>
      <div className={styles.actions}>
        <ExportButtons poll={poll} />
        <div className={styles.ending}>
          {!isOver && (
            <CloseButton
              poll={poll}
              onDone={(closed) => {
                // The button goes, and the focus with it.
                heading.current?.focus();
                onClosed(closed);
              }}
            />
          )}
          <DeleteButton poll={poll} onDone={() => navigate('/polls')} />
        </div>
      </div>
      {/* Below the buttons, which do not move when it comes. */}
      <section className={styles.chart} aria-labelledby={chart}>
        <h2 id={chart}>{t.chart.title}</h2>
        {minutes && <VotesOverTime poll={poll} minutes={minutes} />}
        {!minutes && (problem ? <ProblemAlert problem={problem} /> : <Loading lines={5} />)}
      </section>
    </Card>
  );
}
