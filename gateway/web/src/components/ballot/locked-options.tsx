import type { HTMLAttributes } from 'react';
import type { Question } from '../../client';
import { useMessages } from '../../hooks/use-messages';
import { vote } from '../../messages/vote';
import { OwnMark } from '../own-mark';
import styles from './option.module.css';

interface LockedOptionsProps {
  question: Question;
  own: ReadonlySet<string>;
  /** Whether it says how many choices it takes. */
  hasHint: boolean;
  label: HTMLAttributes<HTMLElement>;
}

/** What can't be chosen now, with what was. */
export function LockedOptions({ question, own, hasHint, label }: LockedOptionsProps) {
  const t = useMessages(vote);
  return (
    <>
      <ul {...label} className={styles.options}>
        {question.choices.map(({ choice_id, text }) => (
          <li key={choice_id} className={`${styles.locked} ${own.has(choice_id) ? styles.own : ''}`}>
            <span>{text}</span>
            {own.has(choice_id) && <OwnMark />}
          </li>
        ))}
      </ul>
      {/* In place of the line below options and bars. */}
      <p className={styles.hint}>{hasHint && t.instruction(question.min_choices, question.max_choices)}</p>
    </>
  );
}
