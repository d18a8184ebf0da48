import type { Problem } from '../problem';
import type { Credentials } from '../types';
import type { PollMessage, Update } from './messages';

/**
 * How a watch is connected: `live` and `polling` as long as results come, `reconnecting` while they do not,
 * `ended` once nothing more will come: the poll is closed or gone, or the server refuses who asks.
 */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'polling' | 'ended';

/** The way that results come: a WebSocket, server-sent events, or an answer each. */
export type Transport = 'socket' | 'events' | 'polling';

/** What a watch tells. */
export type LiveEvent =
  /** New counts: each newer than all before. */
  | { type: 'results'; update: Update }
  /** The last vote is counted. Without an update where the results are hidden, or have been told. */
  | { type: 'closed'; update: Update | undefined }
  /** About how many watch the poll now. */
  | { type: 'viewers'; count: number }
  /** The poll does not show its results to who watches, for now. */
  | { type: 'hidden' }
  /** The poll is not there, or not any more. */
  | { type: 'gone' }
  /** The server refuses who asks: `refresh` with other credentials asks again. */
  | { type: 'error'; problem: Problem }
  /** Connected otherwise than before; a watch begins as `connecting`. The transport is there while results come. */
  | { type: 'connection'; state: ConnectionState; transport: Transport | undefined };

/** Is told what happens to a poll. */
export type LiveListener = (event: LiveEvent) => void;

/** Who watches, and the version of the results that they have. */
export interface WatchOptions extends Credentials {
  version?: number | undefined;
}

/** One watch of one poll: what its listener was told, by whichever transport. */
export class PollWatch {
  credentials: Credentials;
  /** The newest version that was told; none goes back behind it. */
  private told: number | undefined;
  private state: ConnectionState = 'connecting';
  private transport: Transport | undefined;
  private isHidden = false;
  private isStopped = false;
  private life = new AbortController();

  constructor(
    readonly pollId: string,
    { version, ...credentials }: WatchOptions,
    private readonly listener: LiveListener,
    private readonly onEnd: (watch: PollWatch) => void,
  ) {
    this.told = version;
    this.credentials = credentials;
  }

  /** The version that need not be told: what was shown before it was hidden may have been forgotten. */
  get version(): number | undefined {
    return this.isHidden ? undefined : this.told;
  }

  /** Aborted when the watch ends. */
  get signal(): AbortSignal {
    return this.life.signal;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** Takes what came of the poll. */
  deliver(message: PollMessage): void {
    if (this.isOver) return;
    if (message.type === 'results') this.results(message.update);
    else if (message.type === 'closed') this.closed(message.update);
    else this.tell({ type: 'viewers', count: message.count });
  }

  /** Takes that the server does not give what is asked for. */
  refuse(problem: Problem): void {
    if (this.isOver) return;
    if (problem.code === 'results_hidden') this.hide();
    else this.end(problem.code === 'poll_not_found' ? { type: 'gone' } : { type: 'error', problem });
  }

  /** Takes that results come by this transport; or by none, for now. */
  connected(transport: Transport | undefined): void {
    if (this.isOver) return;
    if (transport) this.connection(transport === 'polling' ? 'polling' : 'live', transport);
    else if (this.state !== 'connecting') this.connection('reconnecting', undefined);
  }

  /** Begins anew, as somebody else where credentials are given. */
  revive(credentials: Credentials | undefined): void {
    if (credentials) this.credentials = credentials;
    if (!this.isOver) return;
    this.life = new AbortController();
    this.connection('connecting', undefined);
  }

  /** Ends without a word. */
  stop(): void {
    this.isStopped = true;
    this.life.abort();
  }

  private results(update: Update): void {
    if (this.isBehind(update) || update.version === this.version) return;
    this.told = update.version;
    this.isHidden = false;
    this.tell({ type: 'results', update });
  }

  private closed(update: Update | undefined): void {
    const news = update && !this.isBehind(update) ? update : undefined;
    this.told = news?.version ?? this.told;
    this.end({ type: 'closed', update: news });
  }

  private isBehind({ version }: Update): boolean {
    return this.told !== undefined && version < this.told;
  }

  private hide(): void {
    if (!this.isHidden) this.tell({ type: 'hidden' });
    this.isHidden = true;
  }

  /** Ends by what is told last. Its listener may begin anew at once, with other credentials. */
  private end(event: LiveEvent): void {
    this.life.abort();
    this.onEnd(this);
    this.tell(event);
    if (this.isOver) this.connection('ended', undefined);
  }

  private connection(state: ConnectionState, transport: Transport | undefined): void {
    if (state === this.state && transport === this.transport) return;
    this.state = state;
    this.transport = transport;
    this.tell({ type: 'connection', state, transport });
  }

  private tell(event: LiveEvent): void {
    if (this.isStopped) return;
    try {
      this.listener(event);
    } catch (error) {
      // A listener's fault shows as such, and keeps nobody else from being told.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
