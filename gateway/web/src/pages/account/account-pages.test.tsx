// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { type ReactNode, StrictMode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Problem } from '../../client';
import { api } from '../../clients';
import { AccountProvider } from '../../hooks/use-account';
import { page } from '../../state/page';
import { accessToken, session } from '../../state/session';
import ResetPasswordPage from './reset-password-page';
import SignInPage from './sign-in-page';
import VerifyPage from './verify-page';

beforeEach(() => void vi.spyOn(api, 'me').mockReturnValue(new Promise(() => {})));
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  session.remove();
  page.accounts = true;
});

function open(address: string, shown: ReactNode): void {
  history.replaceState(null, '', address);
  // Strict mode runs effects twice, as a page that comes back would.
  render(
    <StrictMode>
      <AccountProvider>{shown}</AccountProvider>
    </StrictMode>,
  );
}

function fillIn(label: string, value: string): void {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
}

function signIn(): void {
  fillIn('E-mail address', ' ann@example.org ');
  fillIn('Password', 'correct horse');
  fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

const badToken = new Problem('invalid_account', '', 422, {
  title: '',
  status: 422,
  detail: '',
  code: 'invalid_account',
  errors: [{ field: 'token', detail: 'is not valid any more' }],
});

test('a link verifies once, and leaves no token in the address', async () => {
  const verify = vi.spyOn(api, 'verifyEmail').mockResolvedValue();
  open('/verify?token=abc', <VerifyPage />);
  expect(await screen.findByRole('heading', { name: 'Your e-mail address is verified' })).toBeTruthy();
  expect(verify).toHaveBeenCalledExactlyOnceWith('abc');
  expect(location.search).toBe('');
});

test('a link that was used before offers another mail', async () => {
  vi.spyOn(api, 'verifyEmail').mockRejectedValue(badToken);
  const mail = vi.spyOn(api, 'mailVerification').mockResolvedValue();
  open('/verify?token=abc', <VerifyPage />);
  await screen.findByRole('heading', { name: /does not work any more/ });
  fillIn('E-mail address', 'ann@example.org');
  fireEvent.click(screen.getByRole('button', { name: 'Send a new link' }));
  expect(await screen.findByText(/a new link is on its way/)).toBeTruthy();
  expect(mail).toHaveBeenCalledExactlyOnceWith('ann@example.org');
});

test('a verification that the network cut off can be tried again', async () => {
  const verify = vi.spyOn(api, 'verifyEmail').mockRejectedValueOnce(new Problem('offline', '', 0));
  open('/verify?token=abc', <VerifyPage />);
  verify.mockResolvedValue();
  fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('heading', { name: 'Your e-mail address is verified' })).toBeTruthy();
});

test('a new password is set by the link’s token, which does not stay in the address', async () => {
  const reset = vi.spyOn(api, 'resetPassword').mockResolvedValue();
  open('/reset-password?token=abc', <ResetPasswordPage />);
  expect(location.search).toBe('');
  fillIn('New password', 'correct horse battery');
  fireEvent.click(screen.getByRole('button', { name: 'Set the password' }));
  await screen.findByRole('heading', { name: 'Your new password is set' });
  expect(reset).toHaveBeenCalledExactlyOnceWith('abc', 'correct horse battery');
});

test('who signs in goes on to the page that asked for it', async () => {
  const session = { access_token: 'a.b.c', token_type: 'Bearer', expires_in: 60 };
  const send = vi.spyOn(api, 'signIn').mockResolvedValue(session);
  open('/sign-in?next=/p/lunch', <SignInPage />);
  signIn();
  await waitFor(() => expect(location.pathname).toBe('/p/lunch'));
  expect(send).toHaveBeenCalledExactlyOnceWith('ann@example.org', 'correct horse');
  expect(accessToken()).toBe('a.b.c');
});

test('a wrong password is said, not that one should sign in', async () => {
  vi.spyOn(api, 'signIn').mockRejectedValue(new Problem('unauthenticated', '', 401));
  open('/sign-in', <SignInPage />);
  signIn();
  expect((await screen.findByRole('alert')).textContent).toContain('There is no account with');
});

test('who tries too often is told how long to wait', async () => {
  vi.spyOn(api, 'signIn').mockRejectedValue(new Problem('rate_limited', '', 429, undefined, 42));
  open('/sign-in', <SignInPage />);
  signIn();
  expect((await screen.findByRole('alert')).textContent).toContain('Wait 42 seconds');
});

test('where an identity provider keeps the accounts, the page says so and sends nothing', () => {
  const verify = vi.spyOn(api, 'verifyEmail');
  page.accounts = false;
  open('/verify?token=abc', <VerifyPage />);
  expect(screen.getByRole('heading', { name: 'Accounts are kept elsewhere' })).toBeTruthy();
  expect(verify).not.toHaveBeenCalled();
});
