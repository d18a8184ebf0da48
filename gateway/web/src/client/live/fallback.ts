import type { Http } from '../http';
import type { Random } from './backoff';
import { followEvents } from './events';
import { pollResults } from './polling';
import type { PollWatch, Transport } from './watch';

/** Streams of events at once, at most: to a server without HTTP/2 a browser opens six connections over all tabs. */
const STREAMS = 2;

/** What following a poll without a WebSocket takes. */
export interface Fallback {
  watch: PollWatch;
  http: Http;
  random: Random;
  /** Aborted when the watch ends, or the WebSocket is back. */
  signal: AbortSignal;
  /** Says by which way results come now, if by any. */
  onTransport(transport: Transport | undefined): void;
}

/** The watches that are followed without a WebSocket. */
export class Fallbacks {
  private readonly running = new Map<PollWatch, AbortController>();
  private readonly working = new Set<PollWatch>();

  constructor(
    private readonly http: Http,
    private readonly random: Random,
    /** Says whether results of any watch come this way. */
    private readonly onWorking: (isWorking: boolean) => void,
  ) {}

  has(watch: PollWatch): boolean {
    return this.running.has(watch);
  }

  start(watch: PollWatch): void {
    if (this.has(watch)) return;
    const { http, random } = this;
    const life = new AbortController();
    this.running.set(watch, life);
    const onTransport = (transport: Transport | undefined) => {
      // What was under way when the WebSocket came back says nothing any more.
      if (life.signal.aborted) return;
      watch.connected(transport);
      this.works(watch, transport !== undefined);
    };
    void fallBack({ watch, http, random, signal: life.signal, onTransport }, this.running.size <= STREAMS);
  }

  stop(watch: PollWatch): void {
    this.running.get(watch)?.abort();
    this.running.delete(watch);
    this.works(watch, false);
  }

  private works(watch: PollWatch, isWorking: boolean): void {
    if (isWorking) this.working.add(watch);
    else this.working.delete(watch);
    this.onWorking(this.working.size > 0);
  }
}

/** By server-sent events; where these are not to be had, by asking. */
async function fallBack(fallback: Fallback, hasRoom: boolean): Promise<void> {
  if (hasRoom) await followEvents(fallback);
  await pollResults(fallback);
}
