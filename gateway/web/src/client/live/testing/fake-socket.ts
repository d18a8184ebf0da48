import type { WebSocketClass, WebSocketLike } from '../socket';

type Listener = (event: { data: unknown; code: number }) => void;
type Message = Record<string, unknown>;

/** A WebSocket whose other side the test is. */
export class FakeSocket implements WebSocketLike {
  readonly sent: Message[] = [];
  isClosed = false;
  private readonly listeners = new Map<string, Listener>();
  private pongs = 0;

  constructor(readonly url: string) {}

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, listener);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Message);
  }

  close(): void {
    this.isClosed = true;
  }

  /** What was sent of this type. */
  of(type: string): Message[] {
    return this.sent.filter((message) => message.type === type);
  }

  /** Accepts the connection, without a word. */
  open(): void {
    this.emit('open', {});
  }

  /** Accepts the connection and answers what was sent. */
  serve(): void {
    this.open();
    this.pong();
  }

  /** Answers every ping that is not answered yet. */
  pong(): void {
    for (; this.pongs < this.of('ping').length; this.pongs += 1) this.say({ type: 'pong' });
  }

  say(message: object): void {
    this.emit('message', { data: JSON.stringify(message) });
  }

  sayText(data: unknown): void {
    this.emit('message', { data });
  }

  drop(code = 1006): void {
    this.emit('close', { code });
  }

  private emit(type: string, event: { data?: unknown; code?: number }): void {
    this.listeners.get(type)?.({ data: event.data, code: event.code ?? 0 });
  }
}

/** A class of WebSockets, and all that were made of it. */
export function fakeSockets(): { WebSocket: WebSocketClass; all: FakeSocket[]; last: () => FakeSocket } {
  const all: FakeSocket[] = [];
  class Recorded extends FakeSocket {
    constructor(url: string) {
      super(url);
      all.push(this);
    }
  }
  const last = () => {
    const socket = all.at(-1);
    if (!socket) throw new Error('no socket was made');
    return socket;
  };
  return { WebSocket: Recorded, all, last };
}
