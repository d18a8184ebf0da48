// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Me, type Poll, Problem } from '../../client';
import { api } from '../../clients';
import { AccountProvider } from '../../hooks/use-account';
import { ownPolls, rememberOwnPoll } from '../../state/own-polls';
import { session, signedIn } from '../../state/session';
import PollsPage from './polls-page';

const lunch = {
  poll_id: '1',
  slug: 'lunch',
  title: 'Lunch?',
  status: 'active',
  created_at: '2026-11-28T12:00:00Z',
  ends_at: null,
  settings: {},
  results: { total_votes: 7 },
} as Poll;
const gone = new Problem('poll_not_found', '', 404);

beforeEach(() => {
  vi.spyOn(api, 'me').mockResolvedValue({ subject: 'ann', notifications: [] } as unknown as Me);
  vi.spyOn(api, 'polls').mockResolvedValue({ polls: [], next_cursor: null });
  vi.spyOn(api, 'poll').mockResolvedValue(lunch);
  rememberOwnPoll({ ...lunch, manage_token: 'secret' });
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  session.remove();
  ownPolls.remove();
});

function open(): void {
  render(
    <AccountProvider>
      <PollsPage />
    </AccountProvider>,
  );
}

const focused = () => document.activeElement?.textContent;

test('a poll of this browser is listed with its votes; without an account it can’t be claimed', async () => {
  open();
  expect(await screen.findByText('7 votes')).toBeTruthy();
  expect(screen.queryByRole('button', { name: /Move into my account/ })).toBeNull();
});

test('a poll is claimed with both tokens, and is the browser’s no more', async () => {
  const claim = vi.spyOn(api, 'claimPoll').mockResolvedValue(lunch);
  signedIn({ access_token: 'token', token_type: 'Bearer', expires_in: 60 });
  open();
  fireEvent.click(await screen.findByRole('button', { name: /Move into my account/ }));
  await waitFor(() => expect(ownPolls.get()).toEqual([]));
  expect(claim).toHaveBeenCalledExactlyOnceWith('1', { accessToken: 'token', manageToken: 'secret' });
  expect(screen.queryByRole('heading', { name: 'In this browser' })).toBeNull();
  expect(focused()).toBe('My polls');
  await waitFor(() => expect(api.polls).toHaveBeenCalledTimes(2));
});

test('a claim that is refused leaves the poll where it is', async () => {
  vi.spyOn(api, 'claimPoll').mockRejectedValue(new Problem('forbidden', '', 403));
  signedIn({ access_token: 'token', token_type: 'Bearer', expires_in: 60 });
  open();
  fireEvent.click(await screen.findByRole('button', { name: /Move into my account/ }));
  expect(await screen.findByRole('alert')).toBeTruthy();
  expect(ownPolls.get()).toHaveLength(1);
});

test('a poll that was deleted elsewhere is forgotten when one wants so', async () => {
  vi.mocked(api.poll).mockRejectedValue(gone);
  open();
  const forget = await screen.findByRole('button', { name: /Remove it from the list/ });
  expect(ownPolls.get()).toHaveLength(1);
  fireEvent.click(forget);
  expect(ownPolls.get()).toEqual([]);
  expect(focused()).toBe('My polls');
});

test('a poll that can’t be loaded just now is not taken for deleted', async () => {
  vi.mocked(api.poll).mockRejectedValue(new Problem('offline', '', 0));
  open();
  expect(await screen.findByRole('button', { name: 'Try again' })).toBeTruthy();
  expect(screen.queryByRole('button', { name: /Remove/ })).toBeNull();
});

test('deleting a poll that is gone already is done, and forgets it', async () => {
  const deletion = vi.spyOn(api, 'deletePoll').mockRejectedValue(gone);
  open();
  fireEvent.click(await screen.findByRole('button', { name: /^More/ }));
  fireEvent.click(screen.getByRole('button', { name: 'Delete the poll' }));
  expect(deletion).not.toHaveBeenCalled();
  const [, confirm] = screen.getAllByRole('button', { name: 'Delete the poll' });
  if (confirm) fireEvent.click(confirm);
  await waitFor(() => expect(ownPolls.get()).toEqual([]));
  expect(deletion).toHaveBeenCalledExactlyOnceWith('1', { accessToken: undefined, manageToken: 'secret' });
});
