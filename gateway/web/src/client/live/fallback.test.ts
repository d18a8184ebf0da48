import { expect, test, vi } from 'vitest';
import { setUpBench } from './testing/bench';
import { later } from './testing/clock';
import { fakeFetch } from './testing/fake-fetch';
import { POLL, resultsFrame } from './testing/frames';
import { askedServer, buffered, resultsAnswer, streamingServer } from './testing/servers';

const bench = setUpBench();

test('three failed openings fall back to server-sent events', async () => {
  const server = streamingServer();
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch({ version: 3, voterToken: 'v' });
  await bench.refuseSockets(2);
  expect(server.requests).toEqual([]);
  vi.advanceTimersToNextTimer();
  await bench.refuseSockets(1);
  const [request] = server.requests;
  expect(request?.path).toBe(`/api/v1/polls/${POLL}/events`);
  expect(request?.headers).toMatchObject({ 'last-event-id': '3', 'x-voter-token': 'v' });
  const stream = server.last();
  stream.say('retry: 1000\n\n');
  stream.event(resultsFrame(4));
  stream.event({ type: 'viewers', poll_id: POLL, count: 2 });
  await later(0);
  expect(told.states).toEqual(['live by events']);
  expect(told.versions).toEqual([4]);
  expect(told.others).toEqual([{ type: 'viewers', count: 2 }]);
});

test('openings that fail after a connection that worked count anew', async () => {
  const server = streamingServer();
  bench.make({ fetch: server.fetch });
  bench.watch();
  await bench.refuseSockets(2);
  vi.advanceTimersToNextTimer();
  bench.socket.serve();
  await bench.refuseSockets(3);
  expect(server.requests).toEqual([]);
  vi.advanceTimersToNextTimer();
  await bench.refuseSockets(1);
  expect(server.requests).toHaveLength(1);
});

test('who is turned away by the socket takes the other way at once', async () => {
  const server = streamingServer();
  bench.make({ fetch: server.fetch });
  bench.watch();
  bench.socket.open();
  bench.socket.drop(1008);
  expect(server.requests).toHaveLength(1);
});

test('streams that fail to open twice fall back to asking, with the tag of the last answer', async () => {
  const server = askedServer(() => resultsAnswer(5));
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  expect(server.of('/results')).toEqual([]);
  await later(500);
  expect(server.of('/events')).toHaveLength(2);
  expect(told.states).toEqual(['polling by polling']);
  await later(3_999);
  expect(server.of('/results')).toHaveLength(1);
  await later(1);
  expect(server.of('/results').map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"5"']);
  expect(told.versions).toEqual([5]);
});

test('while another way works the socket is tried every 60 s, and taken back when it opens', async () => {
  const server = askedServer(() => resultsAnswer(5));
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  await later(500);
  // The first answer shows that the server is there: the socket is tried at once.
  expect(bench.all).toHaveLength(4);
  bench.socket.drop();
  await later(59_999);
  expect(bench.all).toHaveLength(4);
  await later(1);
  expect(bench.all).toHaveLength(5);
  bench.socket.serve();
  expect(bench.socket.of('subscribe')).toEqual([{ type: 'subscribe', poll_id: POLL, version: 5 }]);
  expect(told.states).toEqual(['polling by polling', 'live by socket']);
  const asked = server.requests.length;
  await later(20_000);
  expect(server.requests).toHaveLength(asked);
});

test('an answer that comes when the socket is back already changes nothing', async () => {
  let answer = (_: Response) => {};
  const server = fakeFetch(({ path }) => {
    if (path.endsWith('/events')) throw new TypeError('fetch failed');
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  await later(2_000);
  bench.socket.serve();
  answer(resultsAnswer(5));
  await later(0);
  expect(told.states).toEqual(['live by socket']);
  bench.socket.drop();
  await later(4_000);
  expect(bench.all).toHaveLength(5);
});

test('while nothing works the socket is tried as before', async () => {
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  await later(2_000);
  expect(bench.all).toHaveLength(4);
  bench.socket.drop();
  await later(4_000);
  bench.socket.serve();
  expect(told.states).toEqual(['live by socket']);
});

test('a version never goes back, whichever way it comes', async () => {
  const answers = [resultsAnswer(4), resultsAnswer(6)];
  const server = askedServer(() => answers.shift() ?? resultsAnswer(7));
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  bench.socket.serve();
  bench.socket.say(resultsFrame(5));
  bench.socket.drop();
  vi.advanceTimersToNextTimer();
  await bench.refuseSockets(3);
  await later(500 + 4_000);
  bench.socket.serve();
  bench.socket.say(resultsFrame(5));
  bench.socket.say(resultsFrame(7));
  expect(told.versions).toEqual([5, 6, 7]);
});

test('who refreshes asks anew by events, as somebody else', async () => {
  const server = streamingServer();
  bench.make({ fetch: server.fetch });
  const { refresh } = bench.watch({ voterToken: 'v' });
  await bench.refuseSockets(3);
  refresh({ manageToken: 'm' });
  expect(server.requests[0]?.signal.aborted).toBe(true);
  expect(server.requests[1]?.headers).toMatchObject({ 'x-manage-token': 'm' });
  expect(server.requests[1]?.headers).not.toHaveProperty('x-voter-token');
});

test('of many polls two are streamed and the rest is asked for: a browser opens few connections', async () => {
  const server = buffered();
  bench.make({ fetch: server.fetch });
  for (const name of ['a', 'b', 'c', 'd']) bench.watch({}, name);
  await bench.refuseSockets(3);
  expect(server.requests.map(({ path }) => path.slice('/api/v1/polls/'.length))).toEqual([
    'a/events',
    'b/events',
    'c/results',
    'd/results',
  ]);
});
