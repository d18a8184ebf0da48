import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Api } from './api';
import { Problem } from './problem';

let server: Server;

async function serve(answer: RequestListener): Promise<Api> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new Api(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(Problem);
  return error as Problem;
}

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('problem details come as a problem, with fields and the time to wait', async () => {
  const body = {
    type: 'about:blank',
    title: 'The poll is not valid',
    status: 422,
    detail: 'See `errors`.',
    code: 'invalid_poll',
    request_id: 'r-1',
    errors: [{ field: 'title', detail: 'must not be empty' }],
  };
  const api = await serve((_, response) => {
    response.writeHead(422, { 'Content-Type': 'application/problem+json', 'Retry-After': '7' });
    response.end(JSON.stringify(body));
  });
  const problem = await problemOf(api.poll('lunch', {}));
  expect([problem.code, problem.status, problem.pause]).toEqual(['invalid_poll', 422, 7000]);
  expect(problem.fields.get('title')).toBe('must not be empty');
  expect(problem.isTemporary).toBe(false);
});

test('a page of a proxy between is no answer of Pollster: worth asking again', async () => {
  const api = await serve((_, response) => {
    response.writeHead(502, { 'Content-Type': 'text/html' });
    response.end('<h1>Bad gateway</h1>');
  });
  const problem = await problemOf(api.poll('lunch', {}));
  expect([problem.code, problem.status]).toEqual(['unavailable', 502]);
  expect(problem.isTemporary && problem.isOutcomeUnknown).toBe(true);
});

test('without an answer the outcome is unknown', async () => {
  const api = await serve((request) => request.socket.destroy());
  const problem = await problemOf(api.poll('lunch', {}));
  expect([problem.code, problem.status, problem.isOutcomeUnknown]).toEqual(['offline', 0, true]);
});

test('an answer that breaks off is none', async () => {
  const api = await serve((_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' });
    response.write('{"poll_id":');
    response.socket?.end();
  });
  expect((await problemOf(api.poll('lunch', {}))).code).toBe('offline');
});

test('an export that breaks off is not taken for the whole', async () => {
  const api = await serve((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/csv', 'Transfer-Encoding': 'chunked' });
    response.write('submitted_at,question_id\r\n');
    response.socket?.end();
  });
  expect((await problemOf(api.export('lunch', 'csv', {}))).code).toBe('offline');
});

test('who asks is said by headers, and names are escaped in paths', async () => {
  const seen: unknown[] = [];
  const api = await serve(({ url, headers }, response) => {
    seen.push([url, headers.authorization, headers['x-voter-token'], headers['x-manage-token']]);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  });
  await api.poll('a/b?c', { accessToken: 'A', voterToken: 'V', manageToken: 'M' });
  await api.poll('lunch', {});
  expect(seen).toEqual([
    ['/api/v1/polls/a%2Fb%3Fc', 'Bearer A', 'V', 'M'],
    ['/api/v1/polls/lunch', undefined, undefined, undefined],
  ]);
});
