import { describe, expect, test } from 'vitest';
import type { Question } from '../../client';
import { type Minutes, timeline, withPage } from './timeline';

const MINUTE = 60_000;
const START = Date.parse('2026-11-28T12:00:00Z');
const at = (minute: number) => START + minute * MINUTE;

function question(...ids: string[]): Question {
  const choices = ids.map((id) => ({ choice_id: id, text: id }));
  return { question_id: 'q', text: 'Where?', min_choices: 1, max_choices: 1, choices };
}

const minutes = (entries: [number, Record<string, number>][]): Minutes =>
  new Map(entries.map(([minute, votes]) => [at(minute), votes]));

describe('a timeline', () => {
  test('adds up what moved, and ends with all of it', () => {
    const moved = minutes([
      [0, { a: 2 }],
      [1, { a: 1, b: 4 }],
      [3, { a: -1 }],
    ]);
    const drawn = timeline(question('a', 'b'), moved, at(3) + 1, 'others');
    expect(drawn?.times).toEqual([at(0), at(1), at(2), at(3), at(4)]);
    expect(drawn?.series.map(({ votes }) => votes)).toEqual([
      [0, 2, 3, 3, 2],
      [0, 0, 4, 4, 4],
    ]);
  });

  test('goes on until its end where nothing moves any more', () => {
    const drawn = timeline(question('a'), minutes([[0, { a: 2 }]]), at(5), 'others');
    expect(drawn?.times.at(-1)).toBe(at(5));
    expect(drawn?.series[0]?.votes).toEqual([0, 2, 2, 2, 2, 2]);
  });

  test('takes minutes in any order', () => {
    const moved = minutes([
      [1, { a: 1 }],
      [0, { a: 2 }],
    ]);
    expect(timeline(question('a'), moved, at(2), 'others')?.series[0]?.votes).toEqual([0, 2, 3]);
  });

  test('of weeks has few times, and is as exact at its end', () => {
    const weeks = Array.from({ length: 30_000 }, (_, minute): [number, Record<string, number>] => [
      minute,
      { a: 1 },
    ]);
    const drawn = timeline(question('a'), minutes(weeks), at(30_000), 'others');
    expect(drawn?.times.length).toBeLessThanOrEqual(241);
    expect(drawn?.series[0]?.votes.at(-1)).toBe(30_000);
  });

  test('has lines of the six leading choices, in the poll’s order, and one of the others', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const votes = { a: 1, b: 8, c: 7, d: 6, e: 5, f: 4, g: 2, h: 9 };
    const drawn = timeline(question(...ids), minutes([[0, votes]]), at(1), 'others');
    expect(drawn?.series.map(({ text, votes }) => [text, votes.at(-1)])).toEqual([
      ['b', 8],
      ['c', 7],
      ['d', 6],
      ['e', 5],
      ['f', 4],
      ['h', 9],
      ['others', 3],
    ]);
  });

  test('is not there without votes for the question', () => {
    expect(
      timeline(question('a'), minutes([[0, { of_another_question: 1 }]]), at(5), 'others'),
    ).toBeUndefined();
  });
});

test('a page replaces the minutes that were known', () => {
  const known = minutes([
    [0, { a: 1 }],
    [1, { a: 1 }],
  ]);
  const page = {
    poll_id: 'p',
    minutes: [
      { at: new Date(at(1)).toISOString(), votes: { a: 5 } },
      { at: new Date(at(2)).toISOString(), votes: { b: 1 } },
    ],
    next_from: null,
  };
  expect(withPage(known, page)).toEqual(
    minutes([
      [0, { a: 1 }],
      [1, { a: 5 }],
      [2, { b: 1 }],
    ]),
  );
});
