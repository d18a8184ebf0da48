import { useMemo } from 'react';
import type { Poll, Question } from '../../client';
import type { Live } from '../../hooks/use-web-socket';
import { ResultsView } from '../results/results-view';
import { LockedOptions } from './locked-options';
import { QuestionField } from './question-field';
import { QuestionSection } from './question-section';
import type { BallotForm } from './use-ballot-form';

interface BallotQuestionProps {
  poll: Poll;
  question: Question;
  live: Live;
  form: BallotForm;
  own: ReadonlySet<string>;
  /** Whether it can be answered now. */
  isField: boolean;
  isVoted: boolean;
  isPeeking: boolean;
}

/** A question: to answer, or in its place its results, or what was chosen where these are hidden. */
export function BallotQuestion({ poll, question, live, form, own, ...state }: BallotQuestionProps) {
  const { isField, isVoted, isPeeking } = state;
  const { tally } = live;
  const showsResults =
    tally && (isVoted || isPeeking || poll.status === 'closed' || poll.status === 'archived');
  // Where it can't be answered yet it says how it will be.
  const hasHint = !isVoted && (poll.status === 'active' || poll.status === 'scheduled');
  // As a poll of its own, without a heading: that stands here already.
  const alone = useMemo(() => ({ ...poll, title: question.text, questions: [question] }), [poll, question]);
  const { question_id } = question;
  return (
    <QuestionSection poll={poll} question={question}>
      {(label) => {
        if (isField) {
          return (
            <QuestionField
              label={label}
              question={question}
              selection={form.selection}
              missing={form.shortfalls.find(({ questionId }) => questionId === question_id)?.missing ?? 0}
              onToggle={(choiceId) => form.toggle(question, choiceId)}
            />
          );
        }
        if (showsResults) return <ResultsView poll={alone} tally={tally} own={own} bare silent />;
        return <LockedOptions label={label} question={question} own={own} hasHint={hasHint} />;
      }}
    </QuestionSection>
  );
}
