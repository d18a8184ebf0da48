import { describe, expect, test } from 'vitest';
import type { Question } from '../../client';
import type { Tally } from '../../state/tally';
import { percentage, standing } from './standing';

const question: Question = {
  question_id: 'q',
  text: 'Where?',
  min_choices: 1,
  max_choices: 2,
  choices: ['a', 'b', 'c'].map((id) => ({ choice_id: id, text: id })),
};

function tally(counts: Record<string, number>, responses: number): Tally {
  return {
    version: 1,
    totalVotes: responses,
    counts: new Map(Object.entries(counts)),
    responses: new Map([['q', responses]]),
  };
}

describe('percentages', () => {
  test('have one decimal', () => {
    expect([percentage(1, 3), percentage(2, 3), percentage(1, 16), percentage(3, 3)]).toEqual([
      33.3, 66.7, 6.3, 100,
    ]);
  });

  test('are 0 without responses', () => {
    expect(percentage(0, 0)).toBe(0);
  });
});

describe('a standing', () => {
  test('keeps the poll’s order', () => {
    const { choices } = standing(question, tally({ a: 1, b: 3, c: 2 }, 4));
    expect(choices.map(({ choice, votes }) => [choice.text, votes])).toEqual([
      ['a', 1],
      ['b', 3],
      ['c', 2],
    ]);
  });

  test('has shares of the responses, not of the votes', () => {
    const { choices } = standing(question, tally({ a: 4, b: 4 }, 4));
    expect(choices.map((choice) => choice.percentage)).toEqual([100, 100, 0]);
  });

  test('is led by all that have the most votes', () => {
    const { choices } = standing(question, tally({ a: 2, b: 1, c: 2 }, 5));
    expect(choices.map(({ isLeading }) => isLeading)).toEqual([true, false, true]);
  });

  test('is led by none where there are no votes', () => {
    const { choices } = standing(question, tally({}, 0));
    expect(choices.some(({ isLeading }) => isLeading)).toBe(false);
  });
});
