// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { type Draft, EMPTY } from './draft';
import { reduce } from './reduce';
import { localTime } from './times';
import { duplicates, serverFaults, validate } from './validate';

const NOW = new Date('2026-06-01T12:00:00Z');
const inMinutes = (minutes: number) => localTime(new Date(NOW.getTime() + minutes * 60_000));

function draft(change: Partial<Draft> = {}, options = ['Thai', 'Pizza'], text = 'Where?'): Draft {
  const question = { id: 0, text, options: options.map((text, id) => ({ id, text })) };
  return { ...EMPTY, questions: [{ ...question, isMultiple: false, min: 1, max: 0 }], ...change };
}
const survey = (change: Partial<Draft> = {}) => ({
  ...reduce(draft(), { type: 'question-added' }),
  ...change,
});
const codes = (checked: Draft) =>
  Object.fromEntries([...validate(checked, NOW)].map(([field, { code }]) => [field, code]));

test('a question with two options is a poll', () => {
  expect(codes(draft())).toEqual({});
});

test('blanks are nothing', () => {
  expect(codes(draft({}, [' ', 'Pizza'], '\t'))).toEqual({
    'questions[0].text': 'question-empty',
    'questions[0].choices[0]': 'option-empty',
  });
});

test('several questions need a title', () => {
  expect(codes(survey())).toMatchObject({ title: 'title-empty', 'questions[1].text': 'question-empty' });
  expect(codes(survey({ title: 'Lunch' }))).not.toHaveProperty('title');
});

test('texts have limits, counted in characters', () => {
  expect(codes(draft({ title: '🍕'.repeat(200), description: 'd'.repeat(2000) }))).toEqual({});
  expect(codes(draft({ title: '🍕'.repeat(201), description: 'd'.repeat(2001) }))).toEqual({
    title: 'too-long',
    description: 'too-long',
  });
  expect(codes(draft({ title: 'Lunch' }, ['o'.repeat(501), 'b'], 'q'.repeat(501)))).toEqual({
    'questions[0].text': 'too-long',
    'questions[0].choices[0]': 'too-long',
  });
  expect(codes(draft({ title: 'Lunch' }, [`${'o'.repeat(500)}  `, 'b'], 'q'.repeat(500)))).toEqual({});
});

test('a question that is the title is as short as one', () => {
  expect(codes(draft({}, undefined, 'q'.repeat(201)))).toEqual({ 'questions[0].text': 'question-is-title' });
});

test('times are in the future, and in order', () => {
  const at = (startsAt: number, endsAt: number) =>
    codes(draft({ start: 'at', startsAt: inMinutes(startsAt), deadline: 'at', endsAt: inMinutes(endsAt) }));
  expect(at(5, 6)).toEqual({});
  expect(at(5, 5)).toEqual({ ends_at: 'ends-before-start' });
  expect(at(-5, 5)).toEqual({ starts_at: 'time-past' });
  expect(codes(draft({ deadline: 'at', endsAt: inMinutes(0) }))).toEqual({ ends_at: 'time-past' });
  expect(codes(draft({ deadline: 'at', endsAt: '' }))).toEqual({ ends_at: 'time-missing' });
  expect(codes(draft({ start: 'at', startsAt: '', deadline: 'hour' }))).toEqual({
    starts_at: 'time-missing',
  });
});

test('times that are not asked for do not count', () => {
  expect(codes(draft({ startsAt: inMinutes(-5), endsAt: inMinutes(-5) }))).toEqual({});
});

test('what the server refuses lands at the same fields', () => {
  const refused = new Map([
    ['title', 'must be 1 to 200 characters'],
    ['questions[0].choices[1]', 'must be 1 to 500 characters'],
  ]);
  expect([...serverFaults(refused, survey()).keys()]).toEqual(['title', 'questions[0].choices[1]']);
  // There the question is the title, and has the only field.
  expect([...serverFaults(refused, draft()).keys()]).toEqual([
    'questions[0].text',
    'questions[0].choices[1]',
  ]);
});

test('options that say the same are found, whatever their capitals', () => {
  const [question] = draft({}, ['Thai', 'Pizza', ' thai', '', '']).questions;
  expect(question && duplicates(question)).toEqual([undefined, undefined, 0, undefined, undefined]);
});
