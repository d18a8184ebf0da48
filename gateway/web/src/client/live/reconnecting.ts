import { Backoff, type Random } from './backoff';
import { Connection, type ConnectionHandlers, type WebSocketLike } from './socket';
import { Timer } from './timer';

/** Attempts in a row of which nothing was heard until the way counts as blocked. */
const ATTEMPTS = 3;
/** Milliseconds that a connection must last for the backoff to begin anew. */
const SETTLED_AFTER = 5_000;
/** Milliseconds between two attempts while another way works. */
const RETRY_BLOCKED = 60_000;
/** Close code of a server that does not want the connection (RFC 6455, section 7.4.1). */
const POLICY = 1008;

/** What is to be done as connections come and go. */
export interface SocketHandlers<T> extends Omit<ConnectionHandlers<T>, 'onHeard' | 'onDown'> {
  /** It is down, and will be tried again. */
  onDown(): void;
}

/** A WebSocket that is opened again whenever it breaks off. */
export class ReconnectingSocket<T> {
  private connection: Connection<T> | undefined;
  private isWanted = false;
  private failures = 0;
  private isTurnedAway = false;
  private hasAlternative = false;
  private readonly pause = new Timer();
  private readonly settling = new Timer();
  private readonly backoff: Backoff;

  constructor(
    private readonly open: () => WebSocketLike,
    private readonly handlers: SocketHandlers<T>,
    random: Random,
  ) {
    this.backoff = new Backoff(random);
  }

  get isOpen(): boolean {
    return this.connection?.isOpen ?? false;
  }

  /** Whether another way should be taken meanwhile. */
  get isBlocked(): boolean {
    return this.isTurnedAway || this.failures >= ATTEMPTS;
  }

  /** Connects, unless it does already. */
  start(): void {
    if (this.isWanted) return;
    this.isWanted = true;
    this.connect();
  }

  stop(): void {
    this.isWanted = false;
    this.connection?.close();
    this.connection = undefined;
    this.pause.clear();
    this.settling.clear();
  }

  send(message: object): void {
    this.connection?.send(message);
  }

  ask(message: object, about: T): void {
    this.connection?.ask(message, about);
  }

  /** Looks after the connection now: something may have changed. */
  wake(): void {
    this.connection?.probe();
    if (this.pause.isSet && !this.isTurnedAway) this.connect();
  }

  /** Says whether another way works. As soon as it does the server can be reached: then so may this one. */
  setAlternative(works: boolean): void {
    const isNew = works && !this.hasAlternative;
    this.hasAlternative = works;
    if (isNew) this.wake();
  }

  private connect(): void {
    this.pause.clear();
    this.connection = new Connection(this.open(), {
      ...this.handlers,
      onHeard: () => this.heard(),
      onDown: ({ code, wasHeard }) => this.down(code, wasHeard),
    });
  }

  private heard(): void {
    this.failures = 0;
    this.isTurnedAway = false;
    this.settling.set(SETTLED_AFTER, () => this.backoff.reset());
  }

  private down(code: number | undefined, wasHeard: boolean): void {
    this.connection = undefined;
    this.settling.clear();
    if (!wasHeard) this.failures += 1;
    this.isTurnedAway = code === POLICY;
    this.pause.set(this.pauseLength(), () => this.connect());
    this.handlers.onDown();
  }

  private pauseLength(): number {
    if (this.hasAlternative) return RETRY_BLOCKED;
    return this.isTurnedAway ? this.backoff.longest() : this.backoff.next();
  }
}
