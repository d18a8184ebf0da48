import { type ReactNode, useId } from 'react';
import type { Poll, Question } from '../../client';
import styles from './question-section.module.css';

interface QuestionSectionProps {
  poll: Poll;
  question: Question;
  /** Gets what names the question. */
  children: (label: { 'aria-label': string } | { 'aria-labelledby': string }) => ReactNode;
}

/** A question with whatever stands below it: options or bars. A question that is the poll's title stands there. */
export function QuestionSection({ poll, question, children }: QuestionSectionProps) {
  const heading = useId();
  if (question.text === poll.title) {
    return <section className={styles.question}>{children({ 'aria-label': question.text })}</section>;
  }
  return (
    <section className={styles.question} aria-labelledby={heading}>
      <h2 id={heading}>{question.text}</h2>
      {children({ 'aria-labelledby': heading })}
    </section>
  );
}
