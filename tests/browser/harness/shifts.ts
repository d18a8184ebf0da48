import type { Page } from 'playwright-core';

/** Has a page add up its layout shifts, from its start on (https://web.dev/articles/cls). */
export async function recordShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const recorder = window as unknown as { shifts: number };
    recorder.shifts = 0;
    new PerformanceObserver((list) => {
      // Also those that follow input at once, which the usual measure leaves out.
      for (const shift of list.getEntries()) recorder.shifts += (shift as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** The sum so far; 0 is none at all. */
export async function shifts(page: Page): Promise<number> {
  return page.evaluate(async () => {
    // They are told after the frame in which they were.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return (window as unknown as { shifts: number }).shifts;
  });
}
