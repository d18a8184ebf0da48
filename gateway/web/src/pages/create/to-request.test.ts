// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { type Draft, type DraftQuestion, EMPTY } from './draft';
import { localTime } from './times';
import { toRequest } from './to-request';

const NOW = new Date('2026-06-01T12:00:00Z');

function draft(change: Partial<Draft> = {}, question: Partial<DraftQuestion> = {}): Draft {
  const options = [' Thai ', 'Pizza', 'Soup'].map((text, id) => ({ id, text }));
  const only = { id: 0, text: ' Where? ', options, isMultiple: false, min: 1, max: 0, ...question };
  return { ...EMPTY, questions: [only], ...change };
}
const range = (question: Partial<DraftQuestion>) => {
  const sent = toRequest(draft({}, question), NOW).questions[0];
  return [sent?.min_choices, sent?.max_choices];
};

test('texts are trimmed, and the only question is the title', () => {
  expect(toRequest(draft(), NOW)).toEqual({
    title: 'Where?',
    description: '',
    questions: [{ text: 'Where?', choices: ['Thai', 'Pizza', 'Soup'], min_choices: 1, max_choices: 1 }],
    starts_at: null,
    ends_at: null,
    settings: { voter_identity: 'browser', result_visibility: 'always', allow_vote_change: false },
  });
  expect(toRequest(draft({ title: ' Lunch ' }), NOW).title).toBe('Lunch');
});

test('the range of choices never leaves the options', () => {
  expect(range({ isMultiple: true })).toEqual([1, 3]);
  expect(range({ isMultiple: true, min: 2, max: 2 })).toEqual([2, 2]);
  expect(range({ isMultiple: true, min: 5, max: 9 })).toEqual([3, 3]);
  expect(range({ isMultiple: false, min: 2, max: 3 })).toEqual([1, 1]);
});

test('a duration counts from the start', () => {
  expect(toRequest(draft({ deadline: 'minutes' }), NOW).ends_at).toBe('2026-06-01T12:05:00.000Z');
  const later = localTime(new Date('2026-06-03T08:30:00Z'));
  const request = toRequest(draft({ deadline: 'day', start: 'at', startsAt: later }), NOW);
  expect([request.starts_at, request.ends_at]).toEqual([
    '2026-06-03T08:30:00.000Z',
    '2026-06-04T08:30:00.000Z',
  ]);
});

test('a time of its own is taken as the local time that it is', () => {
  const at = localTime(new Date('2026-06-05T17:00:00Z'));
  expect(toRequest(draft({ deadline: 'at', endsAt: at }), NOW).ends_at).toBe('2026-06-05T17:00:00.000Z');
});

test('settings that are off and optional stay out', () => {
  const { settings } = toRequest(
    draft({ voterIdentity: 'account', verifiedEmail: true, captcha: true }),
    NOW,
  );
  expect(settings).toMatchObject({ verified_email: true, captcha: true });
  expect(toRequest(draft(), NOW).settings).not.toHaveProperty('captcha');
});
