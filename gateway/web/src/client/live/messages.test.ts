import { expect, test } from 'vitest';
import type { Results } from '../types';
import { messageOf, parseMessage } from './messages';
import { CHOICE, closedFrame, POLL, QUESTION, resultsBody, resultsFrame } from './testing/frames';

const parse = (message: unknown) => parseMessage(JSON.stringify(message));

test('results are counts by choice and responses by question', () => {
  const update = {
    pollId: POLL,
    version: 7,
    totalVotes: 7,
    counts: new Map([[CHOICE, 7]]),
    responses: new Map([[QUESTION, 7]]),
    closed: false,
  };
  expect(parse(resultsFrame(7))).toEqual({ type: 'results', pollId: POLL, update });
  expect(parse(closedFrame(7))).toEqual({
    type: 'closed',
    pollId: POLL,
    update: { ...update, closed: true },
  });
  expect(messageOf(resultsBody(7) as Results)).toEqual({ type: 'results', pollId: POLL, update });
});

test('the end of a poll whose results are hidden has none', () => {
  expect(parse({ type: 'poll_closed', poll_id: POLL })).toEqual({
    type: 'closed',
    pollId: POLL,
    update: undefined,
  });
});

test('results that are asked for say that the poll is closed before they are final', () => {
  const closed = messageOf(resultsBody(7, { status: 'closed' }) as Results);
  expect(closed).toMatchObject({ type: 'results', update: { closed: true } });
  const final = messageOf(resultsBody(7, { status: 'archived', final: true }) as Results);
  expect(final).toMatchObject({ type: 'closed', update: { closed: true } });
});

test('an error keeps what problem details have', () => {
  const message = parse({ type: 'error', code: 'rate_limited', detail: 'Wait.', retry_after: 4 });
  expect(message).toMatchObject({ type: 'error', pollId: undefined });
  expect(message).toHaveProperty('problem.code', 'rate_limited');
  expect(message).toHaveProperty('problem.retryAfter', 4);
});

test.each([
  ['no JSON', '{'],
  ['no text', new ArrayBuffer(2)],
  ['no object', '[]'],
  ['null', 'null'],
  ['another type', '{"type":"weather"}'],
  ['no version', JSON.stringify({ ...resultsFrame(1), version: undefined })],
  ['a version below 0', JSON.stringify(resultsFrame(-1))],
  ['a version that is no number', JSON.stringify({ ...resultsFrame(1), version: '1' })],
  ['counts that are no numbers', JSON.stringify({ ...resultsFrame(1), results: { 'choice:a': 'many' } })],
  ['no poll', JSON.stringify({ ...resultsFrame(1), poll_id: 1 })],
  ['viewers without a number', JSON.stringify({ type: 'viewers', poll_id: POLL })],
  ['an error without a code', JSON.stringify({ type: 'error', detail: 'It is so.' })],
])('a bad frame is ignored: %s', (_, text) => {
  expect(parseMessage(text)).toBeUndefined();
});
