// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { type Draft, EMPTY, LIMITS } from './draft';
import { type DraftAction, reduce } from './reduce';

const after = (...actions: DraftAction[]) => actions.reduce(reduce, EMPTY);
const texts = (draft: Draft, question = 0) => draft.questions[question]?.options.map(({ text }) => text);
const paste = (...lines: string[]): DraftAction => ({ type: 'lines-pasted', question: 0, option: 0, lines });
const ids = ({ questions }: Draft) =>
  questions.flatMap(({ id, options }) => [id, ...options.map((it) => it.id)]);

test('an option is added where it is asked for', () => {
  const draft = after(paste('a', 'b'), { type: 'option-added', question: 0, position: 1 });
  expect(texts(draft)).toEqual(['a', '', 'b', '']);
});

test('an option moves to its new place, the others keep their order', () => {
  const filled = after(paste('a', 'b', 'c'));
  expect(texts(reduce(filled, { type: 'option-moved', question: 0, option: 0, to: 2 }))).toEqual([
    'b',
    'c',
    'a',
    '',
  ]);
  expect(texts(reduce(filled, { type: 'option-moved', question: 0, option: 2, to: 0 }))).toEqual([
    'c',
    'a',
    'b',
    '',
  ]);
});

test('nothing moves beyond the ends', () => {
  const filled = after(paste('a', 'b'));
  for (const to of [-1, 3])
    expect(texts(reduce(filled, { type: 'option-moved', question: 0, option: 0, to }))).toEqual(
      texts(filled),
    );
});

test('two options always stay', () => {
  const remove: DraftAction = { type: 'option-removed', question: 0, option: 0 };
  expect(texts(after(paste('a', 'b'), remove))).toEqual(['b', '']);
  expect(texts(after(paste('a', 'b'), remove, remove))).toEqual(['b', '']);
});

test('a question takes no more lines than it has room for', () => {
  const lines = Array.from({ length: 60 }, (_, at) => `line ${at}`);
  const draft = after(paste(...lines));
  expect(texts(draft)).toHaveLength(LIMITS.options);
  expect(texts(draft)?.slice(0, 2)).toEqual(['line 0', 'line 1']);
  expect(texts(draft)?.at(-1)).toBe('');
});

test('there are at most 20 questions, and at least one', () => {
  const add: DraftAction = { type: 'question-added' };
  expect(after(...Array(25).fill(add)).questions).toHaveLength(LIMITS.questions);
  expect(after({ type: 'question-removed', question: 0 }).questions).toHaveLength(1);
});

test('a question moves with its options', () => {
  const draft = after({ type: 'question-added' }, paste('a', 'b'), {
    type: 'question-moved',
    question: 0,
    to: 1,
  });
  expect(texts(draft, 1)).toEqual(['a', 'b', '']);
});

test('no id is used twice', () => {
  const draft = after(
    { type: 'question-added' },
    paste('a', 'b'),
    { type: 'question-added' },
    paste('c', 'd'),
  );
  expect(new Set(ids(draft)).size).toBe(ids(draft).length);
  expect(Math.max(...ids(draft))).toBeLessThan(draft.nextId);
});

test('a fresh start has fresh ids, so that no field keeps what was in it', () => {
  const [first] = EMPTY.questions;
  const draft = after({ type: 'changed', change: { title: 'x' } }, { type: 'restarted' });
  expect(draft.title).toBe('');
  expect(draft.questions[0]?.id).not.toBe(first?.id);
});

test('who counts each address takes changes of votes back', () => {
  const draft = after(
    { type: 'changed', change: { allowVoteChange: true } },
    { type: 'changed', change: { voterIdentity: 'browser_and_address' } },
  );
  expect(draft.allowVoteChange).toBe(false);
});

test('only accounts can be asked for a confirmed e-mail address', () => {
  const account = after({ type: 'changed', change: { voterIdentity: 'account', verifiedEmail: true } });
  expect(account.verifiedEmail).toBe(true);
  expect(reduce(account, { type: 'changed', change: { voterIdentity: 'browser' } }).verifiedEmail).toBe(
    false,
  );
});

test('empty options go when enough others stay', () => {
  expect(texts(after(paste('a', 'b'), { type: 'tidied' }))).toEqual(['a', 'b']);
  expect(texts(after(paste('a'), { type: 'tidied' }))).toEqual(['a', '']);
});
