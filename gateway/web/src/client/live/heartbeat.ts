import { Timer } from './timer';

/** Milliseconds between two pings. */
const PING_EVERY = 25_000;
/** Milliseconds in which something must come after a ping. */
const HEARD_WITHIN = 10_000;

/**
 * Notices a connection that is there on our side alone: browsers answer the server's pings by themselves, but tell a
 * page nothing when these cease.
 */
export class Heartbeat {
  private readonly beat = new Timer();
  private readonly silence = new Timer();

  constructor(
    private readonly ping: () => void,
    private readonly onSilent: () => void,
  ) {}

  /** Pings every now and then. */
  start(): void {
    this.beat.set(PING_EVERY, () => this.probe());
  }

  /** Pings now. */
  probe(): void {
    this.ping();
    this.expect();
    this.start();
  }

  /** Something is to come, or the other side is silent. What is awaited already is not awaited longer. */
  expect(): void {
    if (!this.silence.isSet) this.silence.set(HEARD_WITHIN, this.onSilent);
  }

  /** Something came. */
  heard(): void {
    this.silence.clear();
  }

  stop(): void {
    this.beat.clear();
    this.silence.clear();
  }
}
