import type { Browser } from 'playwright-core';
import { test as base, expect, inject } from 'vitest';
import { launch } from './browser';
import type { Place } from './stack';
import { Visitor, type VisitorOptions } from './visitor';
import { makeWorld, type World } from './world';

interface Fixtures {
  /** The file's browser. */
  browser: Browser;
  /** The stack that all files share. */
  stack: Place;
  /** Polls in all their states. */
  world: World;
  /** A visitor, of `stack` unless another place is given. After the test none may have anything to complain of. */
  visit: (options?: VisitorOptions, place?: Place) => Promise<Visitor>;
}

/** A test in a real browser. */
export const test = base.extend<Fixtures>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what it needs from here
    async ({}, use) => {
      const browser = await launch();
      await use(browser);
      await browser.close();
    },
    { scope: 'file' },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: the same
  stack: [async ({}, use) => use(inject('stack')), { scope: 'file' }],
  world: [async ({ stack }, use) => use(await makeWorld(stack)), { scope: 'file' }],
  visit: async ({ browser, stack }, use) => {
    const visitors: Visitor[] = [];
    await use(async (options = {}, place = stack) => {
      const visitor = await Visitor.come(browser, place, options);
      visitors.push(visitor);
      return visitor;
    });
    const complaints = visitors.flatMap((visitor) => visitor.complaints.list());
    await Promise.all(visitors.map(({ context }) => context.close()));
    expect(complaints).toEqual([]);
  },
});

export { expect };
