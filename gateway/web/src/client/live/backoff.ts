/** A random number from 0 up to 1, as `Math.random` makes it. */
export type Random = () => number;

/** Milliseconds that the first pause takes at most. */
const BASE = 500;
/** Milliseconds that any pause takes at most. */
const CAP = 20_000;

/**
 * Pauses between attempts: exponential, with full jitter, so that those who failed together do not try again
 * together (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export class Backoff {
  private attempts = 0;

  constructor(
    private readonly random: Random = Math.random,
    private readonly base = BASE,
    private readonly cap = CAP,
  ) {}

  /** How long to wait before the next attempt, in milliseconds. */
  next(): number {
    const longest = Math.min(this.cap, this.base * 2 ** this.attempts);
    this.attempts += 1;
    return this.random() * longest;
  }

  /** How long to wait where the server asked to be left alone: the cap, and up to half of it more. */
  longest(): number {
    return this.cap * (1 + this.random() / 2);
  }

  /** Begins anew, after a success. */
  reset(): void {
    this.attempts = 0;
  }
}
