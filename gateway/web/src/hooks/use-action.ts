import { useCallback, useState } from 'react';
import { asProblem, type Problem } from '../client';

/** Something that a visitor starts and the server does. */
export interface Action<Args extends unknown[]> {
  /** Whether it worked. */
  run: (...args: Args) => Promise<boolean>;
  busy: boolean;
  problem: Problem | undefined;
  reset: () => void;
}

/** Runs `work` once at a time, and keeps what goes wrong. */
export function useAction<Args extends unknown[]>(work: (...args: Args) => Promise<void>): Action<Args> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const run = async (...args: Args) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work(...args);
      return true;
    } catch (error) {
      setProblem(asProblem(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  const reset = useCallback(() => setProblem(undefined), []);
  return { run, busy, problem, reset };
}
