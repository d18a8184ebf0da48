import { expect, it } from 'vitest';
import { newest, tallyOf } from './tally';

const RESULTS = {
  poll_id: 'poll',
  version: 3,
  total_votes: 2,
  status: 'active' as const,
  final: false,
  questions: [
    {
      question_id: 'where',
      total_votes: 2,
      choices: [{ choice_id: 'thai', text: 'Thai', votes: 2, percentage: 100 }],
    },
  ],
};

it('finds votes by choice and responses by question', () => {
  const tally = tallyOf(RESULTS);
  expect(tally.counts.get('thai')).toBe(2);
  expect(tally.responses.get('where')).toBe(2);
  expect(tally.totalVotes).toBe(2);
});

it('never goes back to an older version', () => {
  const [older, newer] = [tallyOf(RESULTS), tallyOf({ ...RESULTS, version: 4 })];
  expect(newest(older, newer)).toBe(newer);
  expect(newest(newer, older)).toBe(newer);
  expect(newest(undefined, older)).toBe(older);
});
