import type { ProblemBody } from './types';

/** Codes of ours, for what happens before the server is reached: `offline` (no answer), `timeout` (none in time). */
export type LocalCode = 'offline' | 'timeout';

/** The codes that say nothing of what was asked, only that it could not be done now. */
const TEMPORARY: ReadonlySet<string> = new Set([
  'offline',
  'timeout',
  'unavailable',
  'overloaded',
  'rate_limited',
]);

/** Why a request was not answered as it asks: the server's problem details, or that there was no answer. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: string,
    readonly detail: string,
    /** 0 without an answer. */
    readonly status: number,
    readonly body?: ProblemBody,
    /** Seconds after which it is worth sending again. */
    readonly retryAfter?: number,
  ) {
    super(`${code}: ${detail}`);
  }

  /** What is wrong with each field, by its name. */
  get fields(): ReadonlyMap<string, string> {
    return new Map(this.body?.errors?.map(({ field, detail }) => [field, detail]));
  }

  /** `retryAfter` in milliseconds; 0 where the server did not say. */
  get pause(): number {
    return 1000 * (this.retryAfter ?? 0);
  }

  /** Whether the same is worth asking again in a moment; a vote with its idempotency key. */
  get isTemporary(): boolean {
    return TEMPORARY.has(this.code);
  }

  /** Whether what was asked for may have been done all the same. */
  get isOutcomeUnknown(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** `error`, where it is a problem; the rest is thrown on: it is a bug. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}
