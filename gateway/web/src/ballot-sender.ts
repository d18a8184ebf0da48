import { Outbox, type Outcome, type Poll, Problem, type SendingState } from './client';
import { api, credentials, voterIn } from './clients';
import { learn, type OwnBallot, ownBallot } from './state/ballots';
import type { Stored } from './state/stored';

const outbox = new Outbox(api);
const senders = new Map<string, BallotSender>();

/** What sends this poll's ballots, one for all that is on the page. */
export function ballotSender(poll: Poll): BallotSender {
  const known = senders.get(poll.poll_id);
  if (known) return known;
  const made = new BallotSender(poll);
  senders.set(poll.poll_id, made);
  return made;
}

/**
 * Brings the kept ballot of a poll to its end: sends it until there is an answer, then looks what became of it.
 * It goes on whichever page of the app is shown, and begins anew with a ballot that a reload or crash cut off.
 */
export class BallotSender {
  /** What the sending is doing, if anything. */
  progress: SendingState | undefined;
  private isRunning = false;
  private readonly kept: Stored<OwnBallot | null>;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly poll: Poll) {
    this.kept = ownBallot(poll.poll_id);
  }

  /** Keeps the ballot, then sends it. */
  send(ballot: OwnBallot): void {
    this.kept.set(ballot);
    this.resume();
  }

  /** Goes on with what is kept and not at its end. */
  readonly resume = (): void => {
    if (this.isRunning) return;
    this.isRunning = true;
    void this.run().finally(() => {
      this.isRunning = false;
    });
  };

  /** Tells when `progress` changes; answers how to stop that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private async run(): Promise<void> {
    for (let ballot = this.own(); ballot; ballot = this.own()) {
      if (ballot.state === 'sending') await this.post(ballot);
      else if (ballot.state === 'accepted' && ballot.voteId) await this.follow(ballot, ballot.voteId);
      else return;
      if (this.own() === ballot) return;
    }
  }

  /** The ballot, if it is of who votes here now. */
  private own(): OwnBallot | null {
    const ballot = this.kept.get();
    return ballot?.voter === voterIn(this.poll) ? ballot : null;
  }

  /** Sends the ballot, in one tab at a time: the others find out by what is kept. */
  private post({ key }: OwnBallot): Promise<void> {
    return exclusively(`pollster.ballot.${this.poll.poll_id}`, async () => {
      const ballot = this.own();
      if (ballot?.key !== key || ballot.state !== 'sending') return;
      const { kind: method, answers, captchaToken } = ballot;
      const outcome = await outbox.cast(
        { pollId: this.poll.poll_id, key, method, answers, captchaToken },
        {
          credentials: credentials(this.poll.slug),
          onState: (state) => this.report(state),
          signal: new AbortController().signal,
        },
      );
      this.update(key, outcomeOf(outcome));
      this.report(undefined);
      if (outcome.status === 'refused' && outcome.problem.code === 'already_voted') await this.ask();
    });
  }

  /** Waits until an accepted ballot is counted, or another one follows it. */
  private async follow({ key }: OwnBallot, voteId: string): Promise<void> {
    const abort = new AbortController();
    const stop = this.kept.subscribe(() => this.own()?.key !== key && abort.abort());
    try {
      const { poll_id, slug } = this.poll;
      const { status, reason } = await outbox.follow(poll_id, voteId, credentials(slug), abort.signal);
      if (status === 'confirmed') return this.update(key, { state: 'confirmed' });
      const refusal = { code: reason ?? 'already_voted', detail: '', status: 409 };
      this.update(key, { state: 'refused', refusal });
      await this.ask();
    } catch (error) {
      // What became of it can't be found out, for instance long after the poll's end: it stays as accepted.
      if (!abort.signal.aborted && !(error instanceof Problem)) throw error;
    } finally {
      stop();
    }
  }

  /** Has the server say what is voted. */
  private async ask(): Promise<void> {
    const poll = await api.poll(this.poll.poll_id, credentials(this.poll.slug)).catch(() => undefined);
    if (poll) learn(poll, voterIn(poll));
  }

  /** Notes what became of the ballot with this key, unless another one took its place. */
  private update(key: string, change: Partial<OwnBallot>): void {
    const ballot = this.kept.get();
    if (ballot?.key !== key) return;
    const { captchaToken: _spent, ...rest } = ballot;
    this.kept.set({ ...rest, ...change });
  }

  private report(progress: SendingState | undefined): void {
    this.progress = progress;
    for (const listener of this.listeners) listener();
  }
}

function outcomeOf(outcome: Outcome): Partial<OwnBallot> {
  if (outcome.status !== 'refused') {
    const { status, receipt } = outcome;
    return { state: status, answers: receipt.answers, voteId: receipt.vote_id };
  }
  const { code, detail, status, body } = outcome.problem;
  return { state: 'refused', refusal: { code, detail, status, ...(body && { body }) } };
}

/**
 * Does `work` while no other tab does work of this name. Pages without TLS have no locks, and frames in pages of
 * others may not take any: there two tabs may send a ballot both, which its key makes harmless.
 */
async function exclusively(name: string, work: () => Promise<void>): Promise<void> {
  let isBegun = false;
  const begin = () => {
    isBegun = true;
    return work();
  };
  try {
    if ('locks' in navigator) await navigator.locks.request(name, begin);
  } catch (error) {
    if (isBegun) throw error;
  }
  if (!isBegun) await work();
}
