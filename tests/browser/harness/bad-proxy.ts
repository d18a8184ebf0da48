import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a proxy does not let through. */
export interface Blocked {
  webSockets?: boolean;
  /** Streams of server-sent events. */
  events?: boolean;
}

/** A proxy before a gateway, as bad ones are. */
export class BadProxy {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(target: string, blocked: Blocked): Promise<BadProxy> {
    const server = createServer((incoming, answer) => {
      if (blocked.events && incoming.url?.endsWith('/events')) {
        answer.writeHead(502).end();
        return;
      }
      const { method, headers, url } = incoming;
      const outgoing = request(new URL(url ?? '/', target), { method, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      answer.on('close', () => outgoing.destroy());
      outgoing.on('error', () => answer.destroy());
      incoming.pipe(outgoing);
    });
    // Node answers an upgrade that nobody listens for as a plain request, without the upgrade.
    if (blocked.webSockets)
      server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BadProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async end(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
