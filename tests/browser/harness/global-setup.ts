import type { TestProject } from 'vitest/node';
import { type Place, Stack } from './stack';

declare module 'vitest' {
  interface ProvidedContext {
    stack: Place;
  }
}

/** Starts the stack that all files share: their polls and voters are their own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await Stack.start();
  project.provide('stack', stack.place);
  return () => stack.end();
}
