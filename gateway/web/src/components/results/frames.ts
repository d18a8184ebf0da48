/** Draws one frame; answers whether there is another to come. */
export type Step = (now: number) => boolean;

const steps = new Set<Step>();
let isRunning = false;

function run(now: number): void {
  for (const step of steps) if (!step(now)) steps.delete(step);
  isRunning = steps.size > 0;
  if (isRunning) requestAnimationFrame(run);
}

/** Calls `step` each frame until it is done, all steps in the same callback; answers how to stop it before. */
export function animate(step: Step): () => void {
  steps.add(step);
  if (!isRunning) requestAnimationFrame(run);
  isRunning = true;
  return () => {
    steps.delete(step);
  };
}

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/** Whether the visitor asked for less movement. */
export function isMotionReduced(): boolean {
  return reducedMotion.matches;
}
