import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** The votes that a page shows, as assistive technology reads them, by the text of the choice. */
async function votesShown(page: Page): Promise<Record<string, number>> {
  const rows = await page.getByRole('listitem').allTextContents();
  const read = rows.map((row) => /^(.+): ([\d,]+) votes?,/.exec(row));
  return Object.fromEntries(
    read.flatMap((parts) => (parts ? [[parts[1], Number(parts[2]?.replace(',', ''))]] : [])),
  );
}

/** Waits until a page shows these votes and no others. */
export async function expectVotes(page: Page, votes: Record<string, number>): Promise<void> {
  await expect.poll(() => votesShown(page)).toEqual(votes);
}

/** Waits until a page says that it is connected so. */
export async function expectConnection(page: Page, state: string): Promise<void> {
  await page.getByText(state, { exact: true }).waitFor();
}
