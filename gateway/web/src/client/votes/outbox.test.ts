import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, test, vi } from 'vitest';
import { Api } from '../api';
import { later, setUpClock } from '../live/testing/clock';
import { type FakeRequest, fakeFetch, problemAnswer } from '../live/testing/fake-fetch';
import { Outbox, type PendingVote } from './outbox';

const RECEIPT = { vote_id: 'id', status: 'accepted', answers: [] };
const VOTE: PendingVote = {
  pollId: 'lunch',
  key: 'key-1',
  answers: [{ question_id: 'q', choice_ids: ['c'] }],
  method: 'cast',
};
const credentials = { voterToken: 'v' };

let life: AbortController;

setUpClock();
beforeEach(() => {
  life = new AbortController();
});

const accept = () => Response.json(RECEIPT, { status: 202 });

/** An outbox whose pauses take their longest, at a server that answers so, one after the other. */
function outboxAt(...answers: ((request: FakeRequest) => Response | Promise<Response>)[]) {
  const server = fakeFetch((request) => {
    const answer = answers.shift();
    if (!answer) throw new Error('asked once too often');
    return answer(request);
  });
  return { ...server, outbox: new Outbox(new Api('http://polls.test', server.fetch), () => 1) };
}

function cast(outbox: Outbox, vote = VOTE) {
  const states: string[] = [];
  const settled = vi.fn();
  const outcome = outbox.cast(vote, {
    credentials,
    signal: life.signal,
    onState: (state) => states.push(state),
  });
  outcome.then(settled, settled);
  return { outcome, states, settled };
}

const noAnswer = () => {
  throw new TypeError('fetch failed');
};

test.each([
  ['accepted', accept],
  ['confirmed', () => Response.json({ ...RECEIPT, status: 'confirmed' })],
])('a vote that is taken is %s', async (status, answer) => {
  const { outbox, requests } = outboxAt(answer);
  const { outcome, states } = cast(outbox);
  expect(await outcome).toMatchObject({ status, receipt: { vote_id: 'id' } });
  expect(states).toEqual(['sending']);
  expect(requests[0]?.headers).toMatchObject({ 'idempotency-key': 'key-1', 'x-voter-token': 'v' });
});

test.each([
  ['no answer', noAnswer],
  ['an answer that broke off', () => new Response('{"vote_id":', { status: 202 })],
  ['unavailable', () => problemAnswer(503, 'unavailable')],
  ['overloaded', () => problemAnswer(503, 'overloaded')],
  ['rate_limited', () => problemAnswer(429, 'rate_limited')],
  ['a proxy without a server', () => new Response('Bad Gateway', { status: 502 })],
])('after %s the vote is sent again with the same key', async (_, failure) => {
  const { outbox, requests } = outboxAt(failure, failure, accept);
  const { states, settled } = cast(outbox);
  await later(500);
  expect(states).toEqual(['sending', 'waiting', 'sending', 'waiting']);
  await later(999);
  expect(requests).toHaveLength(2);
  await later(1);
  expect(settled).toHaveBeenCalledWith({ status: 'accepted', receipt: RECEIPT });
  expect(new Set(requests.map(({ headers }) => headers['idempotency-key']))).toEqual(new Set(['key-1']));
});

test('a vote that is not answered in time is sent again', async () => {
  const silence = ({ signal }: FakeRequest) =>
    new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const { outbox, requests } = outboxAt(silence, accept);
  const { states, settled } = cast(outbox);
  await later(19_999);
  expect(requests).toHaveLength(1);
  await later(501);
  expect(states).toEqual(['sending', 'waiting', 'sending']);
  expect(settled).toHaveBeenCalledWith({ status: 'accepted', receipt: RECEIPT });
});

test('a vote waits for as long as the server says, and a little longer', async () => {
  const { outbox, requests } = outboxAt(
    () => problemAnswer(429, 'rate_limited', { 'Retry-After': '7' }),
    accept,
  );
  const { settled } = cast(outbox);
  await later(7_499);
  expect(requests).toHaveLength(1);
  await later(1);
  expect(settled).toHaveBeenCalledOnce();
});

test.each([
  [409, 'already_voted'],
  [409, 'poll_closed'],
  [403, 'captcha_failed'],
  [422, 'idempotency_mismatch'],
  [401, 'token_expired'],
  [500, 'internal'],
])('a definite answer ends the sending: %i %s', async (status, code) => {
  const { outbox } = outboxAt(() => problemAnswer(status, code));
  expect(await cast(outbox).outcome).toMatchObject({ status: 'refused', problem: { code } });
});

test('already_voted after an attempt of ours that was cut off is a refusal: the key tells them apart', async () => {
  const { outbox } = outboxAt(noAnswer, () => problemAnswer(409, 'already_voted'));
  const { settled } = cast(outbox);
  await later(500);
  expect(settled.mock.calls).toMatchObject([[{ status: 'refused', problem: { code: 'already_voted' } }]]);
});

test('who aborts is not sent for any more, and learns no outcome', async () => {
  const { outbox, requests } = outboxAt(noAnswer);
  const { outcome } = cast(outbox);
  await later(100);
  life.abort();
  await expect(outcome).rejects.toBe(life.signal.reason);
  await later(60_000);
  expect(requests).toHaveLength(1);
});

test.each([
  ['cast', 'POST'],
  ['change', 'PUT'],
  ['revoke', 'DELETE'],
] as const)('to %s is to %s', async (method, verb) => {
  const { outbox, fetch } = outboxAt(accept);
  await cast(outbox, { ...VOTE, method }).outcome;
  expect(vi.mocked(fetch).mock.calls[0]?.[1]).toMatchObject({ method: verb });
});

test('what became of a vote is asked for with growing pauses, until it is counted', async () => {
  const status = (value: string) => () => Response.json({ vote_id: 'id', status: value, reason: null });
  const busy = () => problemAnswer(503, 'unavailable', { 'Retry-After': '1' });
  const { outbox, requests } = outboxAt(status('accepted'), busy, status('accepted'), status('confirmed'));
  const followed = vi.fn();
  outbox.follow('lunch', 'id', credentials, life.signal).then(followed);
  const asked: number[] = [];
  for (let quarter = 0; quarter < 20; quarter += 1) {
    await later(250);
    asked.push(requests.length);
  }
  // After 0.25 s, 0.5 s, 1 s and what the server said, and 2 s.
  expect(asked).toEqual([1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]);
  expect(followed).toHaveBeenCalledWith({ vote_id: 'id', status: 'confirmed', reason: null });
  expect(requests[0]?.path).toBe('/api/v1/polls/lunch/votes/id');
});

test('a vote that was rejected, or is not to be found, ends the asking', async () => {
  const rejected = { vote_id: 'id', status: 'rejected', reason: 'already_voted' };
  const first = outboxAt(() => Response.json(rejected)).outbox.follow(
    'lunch',
    'id',
    credentials,
    life.signal,
  );
  await later(250);
  expect(await first).toEqual(rejected);
  const missing = outboxAt(() => problemAnswer(404, 'vote_not_found'));
  const second = missing.outbox.follow('lunch', 'id', credentials, life.signal);
  const failed = expect(second).rejects.toMatchObject({ code: 'vote_not_found' });
  await later(250);
  await failed;
});

test('a vote whose connection is destroyed in the middle is sent again as it was', async () => {
  vi.useRealTimers();
  const arrived: { key: unknown; body: string }[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    arrived.push({ key: request.headers['idempotency-key'], body });
    if (arrived.length === 1) return request.socket.destroy();
    response.writeHead(202, { 'Content-Type': 'application/json' }).end(JSON.stringify(RECEIPT));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const api = new Api(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const { outcome, states } = cast(new Outbox(api, () => 0));
    expect(await outcome).toEqual({ status: 'accepted', receipt: RECEIPT });
    expect(states).toEqual(['sending', 'waiting', 'sending']);
    expect(arrived).toHaveLength(2);
    expect(arrived[0]).toEqual({ key: 'key-1', body: JSON.stringify({ answers: VOTE.answers }) });
    expect(arrived[1]).toEqual(arrived[0]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
