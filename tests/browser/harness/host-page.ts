import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Somebody's own page, on an origin of its own. */
export class HostPage {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** Serves a page with this in its body. */
  static async start(body: string): Promise<HostPage> {
    const page = `<!doctype html><html lang="en"><title>Somebody’s page</title><body>${body}</body></html>`;
    const server = createServer((request, answer) => {
      // Browsers ask for /favicon.ico by themselves.
      answer.writeHead(request.url === '/' ? 200 : 204, { 'Content-Type': 'text/html; charset=utf-8' });
      answer.end(request.url === '/' ? page : undefined);
    });
    server.listen(0, 'localhost');
    await once(server, 'listening');
    return new HostPage(server, `http://localhost:${(server.address() as AddressInfo).port}`);
  }

  async end(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
