import type { Problem } from '../problem';
import { Heartbeat } from './heartbeat';
import { parseMessage, type ServerMessage } from './messages';

/** What of a WebSocket is used here. */
export interface WebSocketLike {
  send(text: string): void;
  close(): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
}

/** Makes a WebSocket: the browser's class, or another's with the same interface. */
export type WebSocketClass = new (url: string) => WebSocketLike;

/** What is to be done as a connection goes on; `T` is what it is asked about. */
export interface ConnectionHandlers<T> {
  /** It is open; nothing has been heard yet. */
  onOpen(): void;
  /** Something came, for the first time: it can be relied on. */
  onHeard(): void;
  onMessage(message: Exclude<ServerMessage, { type: 'pong' }>): void;
  /** The server did what it was asked. */
  onAnswered(about: T): void;
  /** The server did not do what it was asked. */
  onRefused(about: T, problem: Problem): void;
  /** It is over; the code is missing where the other side was silent. */
  onDown(end: { code: number | undefined; wasHeard: boolean }): void;
}

/** One connection, from its opening to its end. */
export class Connection<T> {
  private phase: 'opening' | 'open' | 'over' = 'opening';
  private wasHeard = false;
  /** The pings under way. The server answers in order: an error that names nothing is about the first of them. */
  private readonly pings: { about: T | undefined; isRefused: boolean }[] = [];
  private readonly heartbeat = new Heartbeat(
    () => this.ping(undefined),
    () => this.end(undefined),
  );

  constructor(
    private readonly socket: WebSocketLike,
    private readonly handlers: ConnectionHandlers<T>,
  ) {
    socket.addEventListener('open', () => this.opened());
    socket.addEventListener('message', ({ data }) => this.heard(data));
    socket.addEventListener('close', ({ code }) => this.end(code));
    // Always followed by `close`, which says more.
    socket.addEventListener('error', () => {});
    // A proxy may open it and pass nothing on.
    this.heartbeat.expect();
  }

  get isOpen(): boolean {
    return this.phase === 'open';
  }

  /** Sends a message that nothing answers. */
  send(message: object): void {
    if (this.isOpen) this.socket.send(JSON.stringify(message));
  }

  /** Sends a message, and a ping by whose pong all that answers the message has come. */
  ask(message: object, about: T): void {
    this.send(message);
    this.ping(about);
  }

  /** Finds out at once whether the other side is there. */
  probe(): void {
    if (this.isOpen) this.heartbeat.probe();
  }

  /** Closes it, without a word to the handlers. */
  close(): void {
    this.phase = 'over';
    this.heartbeat.stop();
    this.socket.close();
  }

  private ping(about: T | undefined): void {
    this.pings.push({ about, isRefused: false });
    this.send({ type: 'ping' });
  }

  private opened(): void {
    if (this.phase !== 'opening') return;
    this.phase = 'open';
    this.heartbeat.start();
    this.handlers.onOpen();
  }

  private heard(data: unknown): void {
    if (!this.isOpen) return;
    this.heartbeat.heard();
    if (!this.wasHeard) {
      this.wasHeard = true;
      this.handlers.onHeard();
    }
    const message = parseMessage(data);
    if (message?.type === 'pong') this.answered();
    else if (message?.type === 'error' && message.pollId === undefined) this.refused(message.problem);
    else if (message) this.handlers.onMessage(message);
  }

  private answered(): void {
    const ping = this.pings.shift();
    if (ping?.about !== undefined && !ping.isRefused) this.handlers.onAnswered(ping.about);
  }

  private refused(problem: Problem): void {
    const [ping] = this.pings;
    if (ping?.about === undefined) return;
    ping.isRefused = true;
    this.handlers.onRefused(ping.about, problem);
  }

  private end(code: number | undefined): void {
    if (this.phase === 'over') return;
    // The other side of a dead connection would not answer the closing: nobody waits for that.
    this.close();
    this.handlers.onDown({ code, wasHeard: this.wasHeard });
  }
}
