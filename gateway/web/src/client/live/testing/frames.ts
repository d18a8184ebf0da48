/** The poll that tests watch. */
export const POLL = '11111111-1111-4111-8111-111111111111';
export const CHOICE = '22222222-2222-4222-8222-222222222222';
export const QUESTION = '33333333-3333-4333-8333-333333333333';

/** A `results` message of this version, in which the choice has as many votes. */
export function resultsFrame(version: number, pollId = POLL) {
  const results = { [`choice:${CHOICE}`]: version, [`question:${QUESTION}`]: version };
  return { type: 'results', poll_id: pollId, version, total_votes: version, results };
}

/** A `poll_closed` message with results of this version. */
export function closedFrame(version: number) {
  return { ...resultsFrame(version), type: 'poll_closed' };
}

/** An `error` message about the poll. */
export function errorFrame(code: string) {
  return { type: 'error', poll_id: POLL, code, detail: 'It is so.' };
}

/** An answer to `GET /results` of this version. */
export function resultsBody(version: number, { status = 'active', final = false } = {}) {
  const choices = [{ choice_id: CHOICE, text: 'Thai', votes: version, percentage: 100 }];
  const questions = [{ question_id: QUESTION, total_votes: version, choices }];
  return { poll_id: POLL, version, total_votes: version, status, final, questions };
}
