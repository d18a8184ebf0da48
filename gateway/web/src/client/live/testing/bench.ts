import { afterEach, vi } from 'vitest';
import { LiveClient, type LiveClientOptions } from '../live-client';
import type { WatchOptions } from '../watch';
import { later, setUpClock } from './clock';
import { type FakeSocket, fakeSockets } from './fake-socket';
import { POLL } from './frames';
import { Recorder } from './recorder';

/** A client whose sockets and clock are the test's. */
export class Bench {
  private sockets = fakeSockets();
  private current: LiveClient | undefined;

  get client(): LiveClient {
    this.current ??= this.make({});
    return this.current;
  }

  /** All sockets that the client made, and the newest of them. */
  get all(): FakeSocket[] {
    return this.sockets.all;
  }

  get socket(): FakeSocket {
    return this.sockets.last();
  }

  /** Begins with other options. By default every pause takes its longest, and there is no way besides the socket. */
  make(options: LiveClientOptions): LiveClient {
    const fetch = () => Promise.reject(new TypeError('fetch failed'));
    const { WebSocket } = this.sockets;
    this.current = new LiveClient({
      baseUrl: 'http://polls.test',
      WebSocket,
      fetch,
      random: () => 1,
      ...options,
    });
    return this.current;
  }

  watch(options: WatchOptions = {}, pollId = POLL) {
    const told = new Recorder();
    return { told, ...this.client.watch(pollId, options, told.listener) };
  }

  /** So many attempts fail in a row: a proxy lets no WebSocket through. */
  async refuseSockets(attempts: number): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (attempt > 0) vi.advanceTimersToNextTimer();
      this.socket.drop();
    }
    await later(0);
  }

  close(): void {
    this.current?.close();
    this.current = undefined;
    this.sockets = fakeSockets();
  }
}

/** A bench that is new for each test of the file, on a clock that only the test moves. */
export function setUpBench(): Bench {
  const bench = new Bench();
  setUpClock();
  afterEach(() => bench.close());
  return bench;
}

/** The page that a client is on, as it shows itself. */
export function fakePage(visibilityState: string) {
  return { window: new EventTarget(), document: Object.assign(new EventTarget(), { visibilityState }) };
}
