import { createPoll } from '../harness/polls';
import { test } from '../harness/test';

test('a page whose part of the app is gone says so, and helps itself by a reload', async ({ visit }) => {
  const { page, complaints } = await visit();
  complaints.forgive(/status of 404/, /dynamically imported module/);
  await page.goto('/');
  // As after a new release, whose files have other names.
  await page.route('**/assets/create-page*', (route) => route.fulfill({ status: 404 }));
  await page.getByRole('link', { name: 'Create a poll' }).click();
  await page.getByRole('alert').getByText('There is a newer version of this page.').waitFor();
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Reload the page' }).click();
  await page.getByRole('heading', { level: 1, name: 'New poll' }).waitFor();
});

test('a poll that can’t be loaded anew is shown as it was served, and loads once it can be', async ({
  stack,
  visit,
}) => {
  const poll = await createPoll(stack);
  const { page, complaints } = await visit();
  complaints.forgive(/ERR_CONNECTION_REFUSED/);
  await page.route(`**/api/v1/polls/${poll.slug}`, (route) => route.abort('connectionrefused'));
  await page.goto(`/p/${poll.slug}`);
  await page.getByText('The server can’t be reached for now. What you see may be old').waitFor();
  await page.getByRole('radio', { name: 'Pizza' }).waitFor();
  await page.unrouteAll();
  await page.getByText('The server can’t be reached for now.').waitFor({ state: 'detached' });
});
