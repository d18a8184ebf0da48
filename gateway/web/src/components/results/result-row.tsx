import { memo } from 'react';
import { Icon } from '../icon';
import { OwnMark } from '../own-mark';
import { Count } from './count';
import styles from './results-view.module.css';
import type { ChoiceStanding } from './standing';

/** What rows say, and how they write numbers: made once for all of them. */
export interface RowTexts {
  /** The whole row in words, after the choice's text. */
  said: (votes: number, percentage: number, isLeading: boolean, isOwn: boolean) => string;
  /** Of numbers that are on their way, not whole. */
  votes: (value: number) => string;
  percentage: (value: number) => string;
}

interface ResultRowProps {
  text: string;
  isOwn: boolean;
  /** Absent as long as the results are on their way: the row keeps its place. */
  votes: ChoiceStanding['votes'] | undefined;
  percentage: ChoiceStanding['percentage'] | undefined;
  isLeading: boolean;
  texts: RowTexts;
}

/** A choice with its bar. Plain values, so that a row whose choice got no vote is not rendered again. */
export const ResultRow = memo(function ResultRow(props: ResultRowProps) {
  const { text, isOwn, votes, percentage = 0, isLeading, texts } = props;
  return (
    <li className={isLeading ? `${styles.row} ${styles.leading}` : styles.row}>
      <span className={styles.choice}>
        {text}
        {votes !== undefined && (
          <span className="visually-hidden">{texts.said(votes, percentage, isLeading, isOwn)}</span>
        )}
        {isOwn && (
          <>
            {' '}
            <span aria-hidden="true">
              <OwnMark />
            </span>
          </>
        )}
      </span>
      <span className={styles.share} aria-hidden="true">
        {isLeading && <Icon name="crown" size={18} />}
        {votes !== undefined && <Count value={percentage} format={texts.percentage} />}
      </span>
      <span className={styles.track} aria-hidden="true">
        {/* Moved, not stretched: its round end stays round. */}
        <span className={styles.fill} style={{ transform: `translateX(${percentage - 100}%)` }} />
      </span>
      <span className={styles.votes} aria-hidden="true">
        {votes !== undefined && <Count value={votes} format={texts.votes} />}
      </span>
    </li>
  );
});
