import type { Results, Update } from '../client';

/** A poll's counts at one version. */
export interface Tally {
  version: number;
  /** Responses over all questions, one a voter and question. */
  totalVotes: number;
  /** Votes by choice id; a choice that is missing has none. */
  counts: ReadonlyMap<string, number>;
  /** Responses by question id; a question that is missing has none. */
  responses: ReadonlyMap<string, number>;
}

/** The counts of results as the REST API tells them. */
export function tallyOf({ version, total_votes, questions }: Results): Tally {
  const choices = questions.flatMap((question) => question.choices);
  return {
    version,
    totalVotes: total_votes,
    counts: new Map(choices.map(({ choice_id, votes }) => [choice_id, votes])),
    responses: new Map(questions.map(({ question_id, total_votes }) => [question_id, total_votes])),
  };
}

/** The counts of live results. */
export function tallyOfUpdate({ version, totalVotes, counts, responses }: Update): Tally {
  return { version, totalVotes, counts, responses };
}

/** Whichever is of the later version. */
export function newest(one: Tally | undefined, other: Tally | undefined): Tally | undefined {
  if (!one || !other) return one ?? other;
  return one.version >= other.version ? one : other;
}
