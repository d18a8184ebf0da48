import type { Choice, Question } from '../../client';
import type { Tally } from '../../state/tally';

/** How a choice stands. */
export interface ChoiceStanding {
  choice: Choice;
  votes: number;
  /** Of the question's responses, with one decimal. */
  percentage: number;
  /** Whether no other choice has more votes; none leads where there are no votes. */
  isLeading: boolean;
}

/** How a question's choices stand, in the poll's order. */
export interface Standing {
  responses: number;
  choices: ChoiceStanding[];
}

/** Reckons as the API does: one decimal, and 0 where there are no responses. */
export function percentage(votes: number, responses: number): number {
  return responses === 0 ? 0 : Math.round((votes * 1000) / responses) / 10;
}

/** How the question stands by this tally. */
export function standing(question: Question, tally: Tally): Standing {
  const responses = tally.responses.get(question.question_id) ?? 0;
  const votes = question.choices.map(({ choice_id }) => tally.counts.get(choice_id) ?? 0);
  const most = Math.max(...votes);
  const choices = question.choices.map((choice, index) => {
    const own = votes[index] ?? 0;
    return { choice, votes: own, percentage: percentage(own, responses), isLeading: own > 0 && own === most };
  });
  return { responses, choices };
}
