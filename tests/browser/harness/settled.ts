import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/**
 * Waits until the app's page is there (not only the picture of it that comes first), with what it loads and its fonts,
 * and until whatever moves but once has moved.
 */
export async function settled(page: Page): Promise<void> {
  await page.locator('#content').getByRole('heading', { level: 1 }).waitFor();
  await expect.poll(() => page.getByText('Loading …').count()).toBe(0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    const moving = document.getAnimations().filter((animation) => {
      const { endTime } = animation.effect?.getComputedTiming() ?? {};
      return animation.playState === 'running' && endTime !== Number.POSITIVE_INFINITY;
    });
    // One that is replaced or cancelled never finishes.
    await Promise.all(moving.map((animation) => animation.finished.catch(() => undefined)));
  });
}
