import type { Frame, Page } from 'playwright-core';

/** Votes on a poll's page for these choices, and waits until the page says that it did. */
export async function castVote(page: Page | Frame, ...choices: string[]): Promise<void> {
  for (const choice of choices) await page.getByLabel(choice, { exact: true }).check();
  await page.getByRole('button', { name: 'Vote', exact: true }).click();
  await page.getByText('You voted', { exact: true }).waitFor();
}

/** Waits until the page says that the vote is counted. */
export async function voteIsCounted(page: Page | Frame): Promise<void> {
  await page.getByText('Your vote is counted.').waitFor();
}
