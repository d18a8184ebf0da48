import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { LiveClient } from './live-client';
import type { WebSocketClass } from './socket';
import { closedFrame, POLL, resultsFrame } from './testing/frames';
import { Recorder } from './testing/recorder';

type Message = { type: string; version?: number };

const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server on a port of its own choice, or on this one. */
async function listen(handle?: (request: IncomingMessage, response: ServerResponse) => void, port = 0) {
  const server = createServer(handle);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Speaks the protocol on a server: tells `version` to who does not have it. */
function speak(server: Server, version: number) {
  const sockets = new WebSocketServer({ server, path: '/ws' });
  const subscriptions: Message[] = [];
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.type === 'ping') socket.send('{"type":"pong"}');
      if (message.type !== 'subscribe') return;
      subscriptions.push(message);
      if (message.version !== version) socket.send(JSON.stringify(resultsFrame(version)));
    });
  });
  const kill = () => {
    for (const socket of sockets.clients) socket.terminate();
  };
  ends.push(kill);
  return { subscriptions, kill };
}

function watch(port: number) {
  const WebSocketOfNode = WebSocket as unknown as WebSocketClass;
  const baseUrl = `http://127.0.0.1:${port}`;
  const client = new LiveClient({ baseUrl, WebSocket: WebSocketOfNode, random: () => 0.1 });
  ends.push(() => client.close());
  const told = new Recorder();
  client.watch(POLL, {}, told.listener);
  return told;
}

test('a server that dies and comes back is subscribed to with the last version', async () => {
  const { server, port } = await listen();
  const first = speak(server, 7);
  const told = watch(port);
  await vi.waitFor(() => expect(told.states).toEqual(['live by socket']));
  expect(told.versions).toEqual([7]);

  server.close();
  first.kill();
  await once(server, 'close');
  await vi.waitFor(() => expect(told.states.at(-1)).toBe('reconnecting'));
  const second = speak((await listen(undefined, port)).server, 8);
  await vi.waitFor(() => expect(told.versions).toEqual([7, 8]), { timeout: 5_000 });
  expect(second.subscriptions[0]).toMatchObject({ poll_id: POLL, version: 7 });
  expect(told.states.at(-1)).toBe('live by socket');
});

test('a server without WebSockets is followed by its events, across a stream that breaks off', async () => {
  const lastIds: unknown[] = [];
  const { port } = await listen(({ url, headers }, response) => {
    if (url !== `/api/v1/polls/${POLL}/events`) return response.writeHead(404).end();
    lastIds.push(headers['last-event-id']);
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const isFirst = lastIds.length === 1;
    const message = isFirst ? resultsFrame(1) : closedFrame(2);
    response.write(
      `retry: 10\n\nevent: ${message.type}\nid: ${message.version}\ndata: ${JSON.stringify(message)}\n\n`,
    );
    // Cut off as by a server that dies, or ended as after the poll's end.
    if (isFirst) setImmediate(() => response.destroy());
    else response.end();
  });
  const told = watch(port);
  await vi.waitFor(() => expect(told.states.at(-1)).toBe('ended'), { timeout: 5_000 });
  expect(told.versions).toEqual([1]);
  expect(told.others).toMatchObject([{ type: 'closed', update: { version: 2 } }]);
  expect(lastIds).toEqual([undefined, '1']);
});
