import { describe, expect, it } from 'vitest';
import type { Question } from '../../client';
import { isFull, type Selection, selectionOf, shortfalls, toAnswers, toggled } from './selection';

function question(id: string, min: number, max: number): Question {
  const choices = ['a', 'b', 'c'].map((letter) => ({ choice_id: `${id}-${letter}`, text: letter }));
  return { question_id: id, text: id, min_choices: min, max_choices: max, choices };
}

const one = question('one', 1, 1);
const some = question('some', 2, 2);
const questions = [one, some];

describe('choosing', () => {
  it('has another choice take the place of the first where the question takes one', () => {
    const first = toggled({}, one, 'one-a');
    expect(toggled(first, one, 'one-b')).toEqual({ one: ['one-b'] });
  });

  it('keeps a single choice that is clicked again', () => {
    expect(toggled({ one: ['one-a'] }, one, 'one-a')).toEqual({ one: ['one-a'] });
  });

  it('adds and takes away where the question takes several', () => {
    const both = toggled(toggled({}, some, 'some-a'), some, 'some-b');
    expect(both).toEqual({ some: ['some-a', 'some-b'] });
    expect(toggled(both, some, 'some-a')).toEqual({ some: ['some-b'] });
  });

  it('takes no more than the question takes', () => {
    const full: Selection = { some: ['some-a', 'some-b'] };
    expect(isFull(full, some)).toBe(true);
    expect(toggled(full, some, 'some-c')).toBe(full);
  });

  it('leaves other questions as they are', () => {
    expect(toggled({ some: ['some-c'] }, one, 'one-a')).toEqual({ some: ['some-c'], one: ['one-a'] });
  });
});

describe('what is missing', () => {
  it('is the first question where nothing is answered', () => {
    expect(shortfalls({}, questions)).toEqual([{ questionId: 'one', missing: 1 }]);
  });

  it('is nothing where a question is left out', () => {
    expect(shortfalls({ one: ['one-a'] }, questions)).toEqual([]);
  });

  it('is what a question lacks that is answered in part', () => {
    expect(shortfalls({ one: ['one-a'], some: ['some-a'] }, questions)).toEqual([
      { questionId: 'some', missing: 1 },
    ]);
  });

  it('is an answer that was given before and is emptied', () => {
    const before = [{ question_id: 'some', choice_ids: ['some-a', 'some-b'] }];
    expect(shortfalls({ one: ['one-a'], some: [] }, questions, before)).toEqual([
      { questionId: 'some', missing: 2 },
    ]);
  });
});

describe('the ballot', () => {
  it('holds the answers in the order of the poll, without questions that are left out', () => {
    const selection = { some: ['some-b', 'some-a'], one: [] };
    expect(toAnswers(selection, questions)).toEqual([
      { question_id: 'some', choice_ids: ['some-a', 'some-b'] },
    ]);
  });

  it('holds what differs from before only', () => {
    const before = [
      { question_id: 'one', choice_ids: ['one-a'] },
      { question_id: 'some', choice_ids: ['some-b', 'some-a'] },
    ];
    const selection = { ...selectionOf(before), one: ['one-c'] };
    expect(toAnswers(selection, questions, before)).toEqual([{ question_id: 'one', choice_ids: ['one-c'] }]);
  });
});
