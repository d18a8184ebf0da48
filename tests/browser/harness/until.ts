import { setTimeout } from 'node:timers/promises';

const DEADLINE = 15_000;
const STEP = 50;

/** Asks `check` until it gives a value, and answers that; `what` is for the error. */
export async function until<T>(what: string, check: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + DEADLINE;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${DEADLINE / 1000} s`);
    await setTimeout(STEP);
  }
}
