import { type DependencyList, useCallback, useEffect, useRef, useState } from 'react';
import { asProblem, type Problem } from '../client';

/** Something that is loaded, with what goes wrong on the way. What was there stays while it is loaded again. */
export interface Resource<T> {
  value: T | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
  reload: () => void;
  /** Puts in what is known by other means. */
  set: (value: T) => void;
}

/** What `load` gives, anew whenever one of `dependencies` changes; `initial` stands in until then. */
export function useResource<T>(
  load: (signal: AbortSignal) => Promise<T>,
  dependencies: DependencyList,
  initial?: T,
): Resource<T> {
  const [value, setValue] = useState<T | undefined>(initial);
  const [problem, setProblem] = useState<Problem>();
  const [isLoading, setLoading] = useState(true);
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the caller names what its loading depends on
  useEffect(() => {
    const abort = new AbortController();
    setLoading(true);
    latest
      .current(abort.signal)
      .then((loaded) => {
        if (abort.signal.aborted) return;
        setValue(loaded);
        setProblem(undefined);
        setLoading(false);
      })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        setProblem(asProblem(error));
        setLoading(false);
      });
    return () => abort.abort();
  }, [...dependencies, attempt]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  return { value, problem, isLoading, reload, set: setValue };
}
