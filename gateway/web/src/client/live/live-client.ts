import { Http } from '../http';
import { pause } from '../pause';
import type { Problem } from '../problem';
import type { Credentials, Notification } from '../types';
import { Backoff, type Random } from './backoff';
import { Fallbacks } from './fallback';
import type { ServerMessage } from './messages';
import { currentPage, onWake, type Page } from './page';
import { ReconnectingSocket } from './reconnecting';
import type { WebSocketClass } from './socket';
import { Timer } from './timer';
import { type LiveListener, PollWatch, type WatchOptions } from './watch';

/** Milliseconds that the connection is kept without a watch: the next page may watch the same poll. */
const LINGER = 5_000;

/** What a client may be made with; all of it is there in browsers. */
export interface LiveClientOptions {
  /** The origin of another Pollster than the one that served the page. */
  baseUrl?: string;
  WebSocket?: WebSocketClass;
  fetch?: typeof fetch;
  random?: Random;
  page?: Page | undefined;
}

/** A poll that is watched. */
export interface Watch {
  /** Watches no more; nothing is told afterwards. */
  stop(): void;
  /** Asks again: after a vote, which may show hidden results, or as somebody else; also where the watch had ended. */
  refresh(credentials?: Credentials): void;
}

/**
 * Live results of any number of polls: over one WebSocket, which is opened again whenever it breaks off, and where
 * that is not to be had by server-sent events, else by asking every few seconds.
 */
export class LiveClient {
  private readonly watches = new Set<PollWatch>();
  private readonly listeners = new Set<(notification: Notification) => void>();
  private readonly socket: ReconnectingSocket<PollWatch>;
  private readonly fallbacks: Fallbacks;
  private readonly resubscribing: Backoff;
  private readonly linger = new Timer();
  private readonly life = new AbortController();

  constructor(options: LiveClientOptions = {}) {
    const { baseUrl = '', random = Math.random, page = currentPage() } = options;
    this.resubscribing = new Backoff(random);
    const open = () => new (options.WebSocket ?? WebSocket)(socketUrl(baseUrl));
    this.socket = new ReconnectingSocket(open, this.handlers(), random);
    const http = new Http(baseUrl, options.fetch);
    this.fallbacks = new Fallbacks(http, random, (isWorking) => this.socket.setAlternative(isWorking));
    if (page) onWake(page, () => this.socket.wake(), this.life.signal);
  }

  /**
   * Watches a poll, by its id (not its slug). `version` is that of the results that the caller has. Of several
   * watches of one poll the last one's credentials count for all.
   */
  watch(pollId: string, options: WatchOptions, listener: LiveListener): Watch {
    const watch = new PollWatch(pollId, options, listener, (ended) => this.leave(ended));
    this.join(watch);
    let isStopped = false;
    return {
      stop: () => {
        isStopped = true;
        watch.stop();
        this.leave(watch);
      },
      refresh: (credentials) => {
        if (isStopped) return;
        watch.revive(credentials);
        this.fallbacks.stop(watch);
        this.join(watch);
      },
    };
  }

  /**
   * Tells the notifications of the account whose access token was shown last, as long as a poll is watched. Others
   * are told by `GET /me`; the same may come twice. Call what it returns to be told no more.
   */
  onNotification(listener: (notification: Notification) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ends everything; nothing is told afterwards. To watch again, make another client. */
  close(): void {
    for (const watch of this.watches) {
      watch.stop();
      this.leave(watch);
    }
    this.life.abort();
    this.linger.clear();
    this.socket.stop();
  }

  private join(watch: PollWatch): void {
    this.watches.add(watch);
    this.linger.clear();
    this.socket.start();
    if (this.socket.isOpen) this.subscribe(watch);
    else if (this.socket.isBlocked) this.fallbacks.start(watch);
  }

  private leave(watch: PollWatch): void {
    if (!this.watches.delete(watch)) return;
    this.fallbacks.stop(watch);
    if (this.of(watch.pollId).length === 0) this.socket.send({ type: 'unsubscribe', poll_id: watch.pollId });
    if (this.watches.size === 0) this.linger.set(LINGER, () => this.socket.stop());
  }

  private of(pollId: string): PollWatch[] {
    return [...this.watches].filter((watch) => watch.pollId === pollId);
  }

  private handlers() {
    return {
      onOpen: () => this.opened(),
      onMessage: (message: ServerMessage) => this.receive(message),
      onAnswered: (watch: PollWatch) => this.answered(watch),
      onRefused: (watch: PollWatch, problem: Problem) => this.refused(watch, problem),
      onDown: () => this.down(),
    };
  }

  private opened(): void {
    for (const watch of this.watches) this.subscribe(watch);
  }

  private subscribe(watch: PollWatch): void {
    const { pollId, credentials } = watch;
    const { voterToken, accessToken, manageToken } = credentials;
    const tokens = { voter_token: voterToken, access_token: accessToken, manage_token: manageToken };
    // To the server all watches of a poll are one: it must tell what any of them lacks.
    const oldest = Math.min(...this.of(pollId).map(({ version }) => version ?? -1));
    const version = oldest < 0 ? undefined : oldest;
    this.socket.ask({ type: 'subscribe', poll_id: pollId, version, ...tokens }, watch);
  }

  private receive(message: ServerMessage): void {
    if (message.type === 'notification') {
      for (const listener of this.listeners) listener(message.notification);
    } else if ('pollId' in message && message.pollId !== undefined) {
      for (const watch of this.of(message.pollId)) {
        if (message.type === 'error') watch.refuse(message.problem);
        else watch.deliver(message);
      }
    }
  }

  private answered(watch: PollWatch): void {
    this.resubscribing.reset();
    this.fallbacks.stop(watch);
    watch.connected('socket');
  }

  private refused(watch: PollWatch, problem: Problem): void {
    if (problem.isTemporary) void this.resubscribe(watch, problem.pause);
    else watch.refuse(problem);
  }

  private async resubscribe(watch: PollWatch, wait: number): Promise<void> {
    const { signal } = watch;
    this.disconnected(watch);
    await pause(wait + this.resubscribing.next(), signal);
    if (!signal.aborted && this.socket.isOpen) this.subscribe(watch);
  }

  private down(): void {
    for (const watch of this.watches) {
      this.disconnected(watch);
      if (this.socket.isBlocked) this.fallbacks.start(watch);
    }
  }

  /** No results come over the socket; there may be another way already. */
  private disconnected(watch: PollWatch): void {
    if (!this.fallbacks.has(watch)) watch.connected(undefined);
  }
}

/** Where the WebSocket of a Pollster is. */
function socketUrl(baseUrl: string): string {
  const url = new URL(`${baseUrl}/ws`, globalThis.location?.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
