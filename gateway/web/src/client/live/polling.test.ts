import { expect, test } from 'vitest';
import { setUpBench } from './testing/bench';
import { later } from './testing/clock';
import { problemAnswer } from './testing/fake-fetch';
import { askedServer, resultsAnswer } from './testing/servers';

const bench = setUpBench();

test('an answer that nothing changed is no failure', async () => {
  const answers = [
    resultsAnswer(5),
    new Response(null, { status: 304, headers: { ETag: '"5"' } }),
    resultsAnswer(6),
  ];
  const server = askedServer(() => answers.shift() ?? resultsAnswer(6));
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  await later(500 + 2 * 4_000);
  expect(server.of('/results').at(-1)?.headers['if-none-match']).toBe('"5"');
  expect(told.versions).toEqual([5, 6]);
  expect(told.states).toEqual(['polling by polling']);
});

test('final results end the asking', async () => {
  const server = askedServer(() => resultsAnswer(5, { status: 'closed', final: true }));
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  await later(60_000);
  expect(told.others).toMatchObject([{ type: 'closed', update: { version: 5, closed: true } }]);
  expect(server.of('/results')).toHaveLength(1);
});

test('hidden results are asked for until they are shown', async () => {
  const answers = [
    problemAnswer(403, 'results_hidden'),
    problemAnswer(403, 'results_hidden'),
    resultsAnswer(2),
  ];
  const server = askedServer(() => answers.shift() ?? resultsAnswer(2));
  bench.make({ fetch: server.fetch });
  const { told } = bench.watch();
  await bench.refuseSockets(3);
  await later(500 + 2 * 4_000);
  expect(told.others).toEqual([{ type: 'hidden' }]);
  expect(told.versions).toEqual([2]);
});

test('a server that asks for patience gets it', async () => {
  const server = askedServer(() => problemAnswer(503, 'overloaded', { 'Retry-After': '30' }));
  bench.make({ fetch: server.fetch });
  bench.watch();
  await bench.refuseSockets(3);
  await later(500);
  expect(server.of('/results')).toHaveLength(1);
  await later(30_000);
  expect(server.of('/results')).toHaveLength(1);
  await later(7_000);
  expect(server.of('/results')).toHaveLength(2);
});
