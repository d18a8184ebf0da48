// @vitest-environment happy-dom
import { afterEach, expect, test } from 'vitest';
import { EMPTY, keptDraft } from './draft';
import { reduce } from './reduce';

const KEY = 'pollster.draft';

afterEach(() => keptDraft.remove());

test('a draft comes back as it was', () => {
  const draft = reduce(reduce(EMPTY, { type: 'question-added' }), {
    type: 'option-changed',
    question: 1,
    option: 0,
    text: 'Thai',
  });
  keptDraft.set(draft);
  expect(JSON.parse(localStorage.getItem(KEY) ?? '')).toEqual(draft);
  expect(keptDraft.get()).toEqual(draft);
});

test.each([
  ['no member is missing', { ...EMPTY, deadline: undefined }],
  ['no member is of another type', { ...EMPTY, captcha: 'no' }],
  ['there is a question', { ...EMPTY, questions: [] }],
  ['questions are whole', { ...EMPTY, questions: [{ id: 0, text: '' }] }],
])('another release’s draft is passed over unless %s', (_, draft) => {
  localStorage.setItem(KEY, JSON.stringify(draft));
  expect(keptDraft.get()).toBe(EMPTY);
});
