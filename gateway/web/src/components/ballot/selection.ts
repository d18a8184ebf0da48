import type { Answer, Question } from '../../client';

/** What is chosen so far: choice ids by question id. */
export type Selection = Readonly<Record<string, readonly string[]>>;

/** What keeps a question's choices from being an answer. */
export interface Shortfall {
  questionId: string;
  /** How many choices are missing. */
  missing: number;
}

/** The choices of these answers, to begin with. */
export function selectionOf(answers: readonly Answer[]): Selection {
  return Object.fromEntries(answers.map(({ question_id, choice_ids }) => [question_id, choice_ids]));
}

/** What is chosen of a question. */
export function chosen(selection: Selection, { question_id }: Question): readonly string[] {
  return selection[question_id] ?? [];
}

/** Whether the question takes no further choice. Where it takes one, another one takes its place. */
export function isFull(selection: Selection, question: Question): boolean {
  return question.max_choices > 1 && chosen(selection, question).length >= question.max_choices;
}

/** The selection after a choice was clicked. */
export function toggled(selection: Selection, question: Question, choiceId: string): Selection {
  const before = chosen(selection, question);
  const put = (choices: readonly string[]) => ({ ...selection, [question.question_id]: choices });
  if (question.max_choices === 1) return put([choiceId]);
  if (before.includes(choiceId)) return put(before.filter((id) => id !== choiceId));
  return isFull(selection, question) ? selection : put([...before, choiceId]);
}

/**
 * What is missing for a ballot. Questions may be left out as long as one is answered; an answer that was given before
 * (`answered`) can be changed, not emptied.
 */
export function shortfalls(
  selection: Selection,
  questions: readonly Question[],
  answered: readonly Answer[] = [],
): Shortfall[] {
  const isRequired = (question: Question) =>
    chosen(selection, question).length > 0 ||
    answered.some(({ question_id }) => question_id === question.question_id);
  const missing = (question: Question) => question.min_choices - chosen(selection, question).length;
  const [first] = questions;
  if (first && !questions.some(isRequired))
    return [{ questionId: first.question_id, missing: missing(first) }];
  return questions
    .filter((question) => isRequired(question) && missing(question) > 0)
    .map((question) => ({ questionId: question.question_id, missing: missing(question) }));
}

/** The ballot: what is chosen, in the poll's order, without what was `answered` just so before. */
export function toAnswers(
  selection: Selection,
  questions: readonly Question[],
  answered: readonly Answer[] = [],
): Answer[] {
  return questions
    .map((question) => ({
      question_id: question.question_id,
      choice_ids: question.choices
        .map(({ choice_id }) => choice_id)
        .filter((id) => chosen(selection, question).includes(id)),
    }))
    .filter(({ choice_ids }) => choice_ids.length > 0)
    .filter((answer) => !answered.some((before) => isSame(before, answer)));
}

function isSame(one: Answer, other: Answer): boolean {
  return (
    one.question_id === other.question_id &&
    one.choice_ids.length === other.choice_ids.length &&
    one.choice_ids.every((id) => other.choice_ids.includes(id))
  );
}
