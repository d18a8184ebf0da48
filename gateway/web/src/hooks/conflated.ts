/** Gathers changes of a state until the next frame. */
export interface Conflated<T> {
  add(change: Partial<T>): void;
  /** Forgets what was gathered. */
  cancel(): void;
}

/** Applies what comes in bursts once a frame: of each member, what came last. */
export function conflated<T>(apply: (change: Partial<T>) => void): Conflated<T> {
  let gathered: Partial<T> = {};
  let frame: number | undefined;
  const flush = () => {
    frame = undefined;
    apply(gathered);
    gathered = {};
  };
  return {
    add(change) {
      gathered = { ...gathered, ...change };
      frame ??= requestAnimationFrame(flush);
    },
    cancel() {
      if (frame !== undefined) cancelAnimationFrame(frame);
      frame = undefined;
      gathered = {};
    },
  };
}
