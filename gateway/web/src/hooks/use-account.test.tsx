// @vitest-environment happy-dom
import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Me, Problem } from '../client';
import { api, live } from '../clients';
import { session, signedIn } from '../state/session';
import { AccountProvider, useAccount } from './use-account';

const notification = (id: string) => ({ notification_id: id, read_at: null }) as Me['notifications'][number];
const account = (subject: string) => ({ subject, notifications: [notification('1')] }) as unknown as Me;
const signInAs = (token: string, expires_in = 60) =>
  act(() => signedIn({ access_token: token, token_type: 'Bearer', expires_in }));
const shown = () => renderHook(useAccount, { wrapper: AccountProvider }).result;

let tell: Parameters<typeof live.onNotification>[0];

beforeEach(() => {
  vi.spyOn(api, 'me').mockImplementation(async ({ accessToken }) => account(accessToken ?? ''));
  vi.spyOn(live, 'onNotification').mockImplementation((listener) => {
    tell = listener;
    return () => {};
  });
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.useRealTimers();
  session.remove();
});

test('the account that signs in is loaded, and gone once it signs out', async () => {
  const result = shown();
  expect(result.current.isSignedIn).toBe(false);
  signInAs('ann');
  await waitFor(() => expect(result.current.me?.subject).toBe('ann'));
  act(() => result.current.signOut());
  expect([result.current.isSignedIn, result.current.me]).toEqual([false, undefined]);
});

test('another account never shows the one before it', async () => {
  const result = shown();
  signInAs('ann');
  await waitFor(() => expect(result.current.me?.subject).toBe('ann'));
  vi.mocked(api.me).mockReturnValue(new Promise(() => {}));
  signInAs('bob');
  expect([result.current.isSignedIn, result.current.me]).toEqual([true, undefined]);
});

test('a token that the server refuses is no session', async () => {
  vi.mocked(api.me).mockRejectedValue(new Problem('token_expired', '', 401));
  signInAs('ann');
  const result = shown();
  await waitFor(() => expect(result.current.isSignedIn).toBe(false));
  expect(session.get()).toBeNull();
});

test('a server that can’t answer ends no session', async () => {
  vi.mocked(api.me).mockRejectedValue(new Problem('unavailable', '', 503));
  signInAs('ann');
  const result = shown();
  await waitFor(() => expect(result.current.problem?.code).toBe('unavailable'));
  expect(result.current.isSignedIn).toBe(true);
});

test('a session ends by itself when its token does', () => {
  vi.useFakeTimers();
  signInAs('ann', 60);
  const result = shown();
  act(() => vi.advanceTimersByTime(59_000));
  expect(result.current.isSignedIn).toBe(true);
  act(() => vi.advanceTimersByTime(1_000));
  expect([result.current.isSignedIn, session.get()]).toEqual([false, null]);
});

test('a notification that comes twice is there once, the newest first', async () => {
  const result = shown();
  signInAs('ann');
  await waitFor(() => expect(result.current.me).toBeDefined());
  act(() => tell(notification('2')));
  act(() => tell(notification('2')));
  act(() => tell(notification('1')));
  expect(result.current.me?.notifications.map((told) => told.notification_id)).toEqual(['2', '1']);
});
