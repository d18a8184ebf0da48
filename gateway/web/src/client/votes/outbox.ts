import type { Api } from '../api';
import { Backoff, type Random } from '../live/backoff';
import { pause } from '../pause';
import { asProblem, Problem } from '../problem';
import type { Answer, Credentials, Receipt, VoteStatus } from '../types';

/** Milliseconds until what became of a vote is asked for the first time, and at most between two times. */
const FIRST_LOOK = 250;
const LAST_LOOK = 15_000;

/** A vote whose outcome is not known. Keep it until it is: sent again as it is, it counts once. */
export interface PendingVote {
  pollId: string;
  /** The idempotency key: any text of up to 64 characters that no other vote has. */
  key: string;
  /** None with `revoke`. */
  answers: Answer[];
  captchaToken?: string | undefined;
  method: 'cast' | 'change' | 'revoke';
}

/** What a vote came to, as far as its voter must know. */
export type Outcome =
  /** It will be counted, or is already; `follow` tells. */
  | { status: Receipt['status']; receipt: Receipt }
  /** It is not counted, for this problem. Where the problem says that its outcome is unknown, keep its key. */
  | { status: 'refused'; problem: Problem };

/** `sending`: an answer is awaited. `waiting`: there was none, and it will be sent again. */
export type SendingState = 'sending' | 'waiting';

/** How a vote is sent. */
export interface CastOptions {
  credentials: Credentials;
  onState?: ((state: SendingState) => void) | undefined;
  /** Ends the sending; its outcome is unknown then. */
  signal: AbortSignal;
}

/** Sends votes until there is a definite answer. */
export class Outbox {
  constructor(
    private readonly api: Api,
    private readonly random: Random = Math.random,
  ) {}

  /**
   * Sends the vote, again and again with the same key where no answer came or the server could not take it now.
   * @throws the signal's reason, where it was aborted first.
   */
  async cast(vote: PendingVote, { credentials, onState, signal }: CastOptions): Promise<Outcome> {
    const backoff = new Backoff(this.random);
    for (;;) {
      onState?.('sending');
      const outcome = await this.send(vote, credentials, signal);
      if (outcome.status !== 'refused' || !outcome.problem.isTemporary) return outcome;
      onState?.('waiting');
      await rest(backoff.next() + outcome.problem.pause, signal);
    }
  }

  /**
   * Waits until an accepted vote is `confirmed` or `rejected`.
   * @throws {Problem} where that can't be found out any more; the signal's reason, where it was aborted first.
   */
  async follow(
    pollId: string,
    voteId: string,
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<VoteStatus> {
    for (let wait = FIRST_LOOK; ; wait = Math.min(2 * wait, LAST_LOOK)) {
      await rest(wait * (0.5 + this.random() / 2), signal);
      const found = await this.api.voteStatus(pollId, voteId, credentials, signal).catch(asProblem);
      if (!(found instanceof Problem)) {
        if (found.status !== 'accepted') return found;
      } else if (found.isTemporary) await rest(found.pause, signal);
      else throw found;
    }
  }

  private send(vote: PendingVote, credentials: Credentials, signal: AbortSignal): Promise<Outcome> {
    const { pollId, key: idempotencyKey, answers, captchaToken } = vote;
    const options = { credentials, idempotencyKey, captchaToken, signal };
    const sent = {
      cast: () => this.api.castVote(pollId, answers, options),
      change: () => this.api.changeVote(pollId, answers, options),
      revoke: () => this.api.revokeVote(pollId, options),
    }[vote.method]();
    return sent.then(
      (receipt) => ({ status: receipt.status, receipt }),
      (error) => ({ status: 'refused', problem: asProblem(error) }),
    );
  }
}

/** Waits so many milliseconds, unless it is aborted: that is thrown. */
async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  await pause(milliseconds, signal);
  signal.throwIfAborted();
}
