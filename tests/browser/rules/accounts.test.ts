import { account, mailedLink, newcomer } from '../harness/accounts';
import { castVote, voteIsCounted } from '../harness/ballot';
import { createPoll, vote } from '../harness/polls';
import { expectConnection, expectVotes } from '../harness/results';
import { expect, test } from '../harness/test';

test('somebody new signs up, verifies the address, signs in, and has a poll, and hears of it', async ({
  stack,
  visit,
}) => {
  const { email, username, password } = newcomer();
  const { page } = await visit();
  await page.goto('/sign-up?next=/polls');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByRole('heading', { name: 'We sent you a link' }).waitFor();

  await page.goto(await mailedLink(stack, email, '/verify'));
  await page.getByRole('heading', { name: 'Your e-mail address is verified' }).waitFor();
  // Who looks over a shoulder, or into the history, finds no token.
  expect(new URL(page.url()).search).toBe('');
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();

  const accessToken = await page.evaluate(
    () => JSON.parse(localStorage.getItem('pollster.session') ?? '').accessToken,
  );
  const poll = await createPoll(stack, { settings: { milestones: [2] } }, { accessToken });
  await page.goto('/polls');
  await page.getByRole('link', { name: poll.title, exact: true }).waitFor();
  await page.getByRole('link', { name: /^Results.*lunch/ }).click();
  await expectConnection(page, 'Live');
  await Promise.all([vote(stack, poll, 0), vote(stack, poll, 0)]);
  await page.getByRole('link', { name: /Notifications.*1 unread/ }).click();
  await page.getByRole('listitem').getByText('has reached 2 votes').waitFor();
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await page.getByText('All read').waitFor();
  await page.reload();
  await page.getByText('All read').waitFor();
});

test('a wrong password is said, and a forgotten one is set anew by a mailed link', async ({
  stack,
  visit,
}) => {
  const { email } = await account(stack);
  const { page, complaints } = await visit();
  complaints.forgive(/status of 401/);
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('There is no account with this e-mail address and password.').waitFor();

  await page.getByRole('link', { name: 'Forgot the password?' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText(`If ${email} belongs to an account`).waitFor();
  await page.goto(await mailedLink(stack, email, '/reset-password'));
  await page.getByLabel('New password').fill('another horse battery');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByRole('heading', { name: 'Your new password is set' }).waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill('another horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
});

test('a poll for accounts asks to sign in, and comes back to the vote after it', async ({ stack, visit }) => {
  const poll = await createPoll(stack, { settings: { voter_identity: 'account' } });
  const { email, password } = await account(stack);
  const { page } = await visit();
  await page.goto(`/p/${poll.slug}`);
  await page.getByText('Each account has one vote here.').waitFor();
  expect(await page.getByRole('radio').count()).toBe(0);
  await page.getByRole('link', { name: 'Sign in to vote' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`**/p/${poll.slug}`);
  await castVote(page, 'Pizza');
  await voteIsCounted(page);
});

test('an account votes once, whatever the browser', async ({ stack, visit }) => {
  const poll = await createPoll(stack, { settings: { voter_identity: 'account' } });
  const voter = await account(stack);
  const { page: first } = await visit({ account: voter });
  await first.goto(`/p/${poll.slug}`);
  await castVote(first, 'Thai');
  await voteIsCounted(first);
  const { page: second } = await visit({ account: voter });
  await second.goto(`/p/${poll.slug}`);
  await second.getByText('You voted', { exact: true }).waitFor();
  await expectVotes(second, { Thai: 1, Pizza: 0, Salad: 0 });
  expect(await second.getByRole('radio').count()).toBe(0);
});

test('a poll that was made without an account is moved into one', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const owner = await account(stack);
  const { page } = await visit({ account: owner, manages: [poll] });
  await page.goto('/polls');
  await page.getByText('There is no poll in your account yet.').waitFor();
  await page.getByRole('button', { name: 'Move into my account' }).click();
  await page.getByRole('heading', { name: 'In this browser' }).waitFor({ state: 'detached' });
  const elsewhere = await visit({ account: owner });
  await elsewhere.page.goto('/polls');
  await elsewhere.page.getByRole('link', { name: poll.title, exact: true }).waitFor();
});

test('who signs out has no polls on the page any more', async ({ stack, visit }) => {
  const owner = await account(stack);
  const poll = await createPoll(stack, {}, { accessToken: owner.accessToken });
  const { page } = await visit({ account: owner });
  await page.goto('/polls');
  await page.getByRole('link', { name: poll.title, exact: true }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You have no polls yet').waitFor();
  expect(await page.getByText(poll.title).count()).toBe(0);
});
