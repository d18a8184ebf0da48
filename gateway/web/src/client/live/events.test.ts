import { expect, test } from 'vitest';
import { setUpBench } from './testing/bench';
import { later } from './testing/clock';
import { fakeFetch, problemAnswer } from './testing/fake-fetch';
import { closedFrame, errorFrame, POLL, resultsFrame } from './testing/frames';
import { buffered, streamingServer } from './testing/servers';

const bench = setUpBench();

test('a stream that broke off is opened again when the server said, after the last version', async () => {
  const server = streamingServer();
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  for (const version of [1, 2, 3]) {
    const stream = server.last();
    stream.say('retry: 1234\n\n');
    stream.event(resultsFrame(version));
    await later(0);
    stream.end();
    await later(1_233);
    expect(server.requests).toHaveLength(version);
    await later(1);
    expect(server.requests.at(-1)?.headers).toMatchObject({ 'last-event-id': String(version) });
  }
  expect(server.of('/events')).toHaveLength(4);
  expect(told.states.slice(0, 3)).toEqual(['live by events', 'reconnecting', 'live by events']);
});

test('a stream that is silent for longer than the server ever is is opened again', async () => {
  const server = streamingServer();
  bench.make({ fetch: server.fetch });
  bench.watch();
  await bench.refuseSockets(3);
  server.last().say('retry: 1000\n\n');
  await later(39_000);
  expect(server.requests[0]?.signal.aborted).toBe(false);
  await later(1_000);
  expect(server.requests[0]?.signal.aborted).toBe(true);
  await later(1_000);
  expect(server.requests).toHaveLength(2);
});

test('events end with the poll, also where they had told so before', async () => {
  const server = streamingServer();
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  const stream = server.last();
  stream.event(closedFrame(9), { type: 'viewers', poll_id: POLL, count: 2 });
  stream.end();
  await later(60_000);
  expect(told.others).toMatchObject([{ type: 'closed', update: { version: 9 } }]);
  expect(told.states.at(-1)).toBe('ended');
  expect(server.requests).toHaveLength(1);

  bench.make({ fetch: fakeFetch(() => new Response(null, { status: 204 })).fetch });
  const again = bench.watch({ version: 9 });
  await bench.refuseSockets(3);
  expect(again.told.others).toEqual([{ type: 'closed', update: undefined }]);
});

test('hidden results and a poll that is gone are told by events too', async () => {
  const server = streamingServer();
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  server.last().event(errorFrame('results_hidden'));
  server.last().event(errorFrame('poll_not_found'));
  await later(0);
  expect(told.others).toEqual([{ type: 'hidden' }, { type: 'gone' }]);
});

test('who is refused is told so, and asks no more', async () => {
  const server = fakeFetch(() => problemAnswer(401, 'token_expired'));
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch({ accessToken: 'old' });
  await bench.refuseSockets(3);
  await later(60_000);
  expect(told.others).toMatchObject([{ type: 'error', problem: { code: 'token_expired' } }]);
  expect(told.states).toEqual(['ended']);
  expect(server.requests).toHaveLength(1);
});

test('a stream whose bytes a proxy holds back is none', async () => {
  const server = buffered();
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  await later(10_000 + 500 + 10_000);
  expect(told.states).toEqual(['polling by polling']);
});
