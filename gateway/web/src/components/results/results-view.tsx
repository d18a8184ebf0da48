import { type CSSProperties, useId, useMemo } from 'react';
import type { Poll, Question } from '../../client';
import { useFormats, useMessages } from '../../hooks/use-messages';
import { results } from '../../messages/results';
import type { Tally } from '../../state/tally';
import { Announcer } from './announcer';
import { columns } from './columns';
import { ResultRow, type RowTexts } from './result-row';
import styles from './results-view.module.css';
import { standing } from './standing';

const NOTHING: ReadonlySet<string> = new Set();

interface ResultsViewProps {
  poll: Poll;
  /** Absent as long as the results are on their way: their room is kept. */
  tally: Tally | undefined;
  /** The choices that the visitor voted for. */
  own?: ReadonlySet<string> | undefined;
  /** `large` fills the nearest CSS container, without totals. */
  size?: 'normal' | 'large';
  /** Leaves out the questions' headings, where they stand already. */
  bare?: boolean;
  /** Leaves out the live region: see `Announcer`. */
  silent?: boolean;
}

/** The results of a poll's questions as bars. A row is 4 rem high at least, as an option to vote for is. */
export function ResultsView(props: ResultsViewProps) {
  const { poll, tally, own = NOTHING, size = 'normal', bare, silent } = props;
  const texts = useRowTexts();
  const isOpen = poll.status === 'active';
  const isLarge = size === 'large';
  return (
    <div className={isLarge ? `${styles.results} ${styles.large}` : styles.results}>
      {poll.questions.map((question) => (
        <QuestionResults
          key={question.question_id}
          question={question}
          tally={tally}
          own={own}
          texts={texts}
          isOpen={isOpen}
          isLarge={isLarge}
          hasHeading={!bare && (poll.questions.length > 1 || question.text !== poll.title)}
        />
      ))}
      {!silent && <Announcer questions={poll.questions} tally={tally} />}
    </div>
  );
}

interface QuestionResultsProps {
  question: Question;
  tally: Tally | undefined;
  own: ReadonlySet<string>;
  texts: RowTexts;
  isOpen: boolean;
  isLarge: boolean;
  hasHeading: boolean;
}

function QuestionResults(props: QuestionResultsProps) {
  const { question, tally, own, texts, isOpen, isLarge, hasHeading } = props;
  const t = useMessages(results);
  const heading = useId();
  const now = tally && standing(question, tally);
  const arranged = isLarge ? columns(question.choices) : undefined;
  const mayBeFirst =
    isOpen && now?.responses === 0 && !question.choices.some(({ choice_id }) => own.has(choice_id));
  // The numbers of all rows have the same width, so that bars are as long and no text moves.
  const letters = Math.max(0, ...(now?.choices.map(({ votes }) => texts.votes(votes).length) ?? []));
  return (
    <section className={styles.question} aria-labelledby={hasHeading ? heading : undefined}>
      {hasHeading && <h2 id={heading}>{question.text}</h2>}
      <ol
        className={arranged?.isDense ? `${styles.rows} ${styles.dense}` : styles.rows}
        style={{ '--letters': letters, ...arranged?.style } as CSSProperties}
        aria-label={hasHeading ? undefined : question.text}
      >
        {question.choices.map((choice, index) => (
          <ResultRow
            key={choice.choice_id}
            text={choice.text}
            isOwn={own.has(choice.choice_id)}
            votes={now?.choices[index]?.votes}
            percentage={now?.choices[index]?.percentage}
            isLeading={now?.choices[index]?.isLeading ?? false}
            texts={texts}
          />
        ))}
      </ol>
      {!isLarge && (
        <p className={styles.total}>
          {now && (mayBeFirst ? t.beFirst : t.responses(now.responses))}
          {now && question.max_choices > 1 && <span className={styles.several}>{t.several}</span>}
        </p>
      )}
    </section>
  );
}

function useRowTexts(): RowTexts {
  const t = useMessages(results);
  const { percent } = useFormats();
  return useMemo(
    () => ({
      said: (votes, percentage, isLeading, isOwn) =>
        `: ${[
          t.votes(votes),
          percent(percentage),
          ...(isLeading ? [t.leading] : []),
          ...(isOwn ? [t.own] : []),
        ].join(', ')}`,
      votes: (value) => t.votes(Math.round(value)),
      percentage: percent,
    }),
    [t, percent],
  );
}
