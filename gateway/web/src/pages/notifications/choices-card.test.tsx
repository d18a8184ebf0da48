// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Me, type NotificationChoices, Problem } from '../../client';
import { api } from '../../clients';
import { AccountProvider, useAccount } from '../../hooks/use-account';
import { session, signedIn } from '../../state/session';
import { ChoicesCard } from './choices-card';

const choices: NotificationChoices = {
  email: true,
  milestones: true,
  closings: true,
  digest: 'off',
  nudges: false,
};
const account = (changed: Partial<NotificationChoices> = {}) =>
  ({ subject: 'ann', notifications: [], notification_choices: { ...choices, ...changed } }) as unknown as Me;

beforeEach(() => {
  vi.spyOn(api, 'me').mockResolvedValue(account());
  signedIn({ access_token: 'token', token_type: 'Bearer', expires_in: 60 });
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  session.remove();
});

function Card() {
  const { me } = useAccount();
  return me && <ChoicesCard me={me} />;
}

async function open(): Promise<void> {
  render(
    <AccountProvider>
      <Card />
    </AccountProvider>,
  );
  await screen.findByText('Milestones');
}

const box = (name: string) => screen.getByRole<HTMLInputElement>('checkbox', { name: new RegExp(name) });

test('a choice is saved at once, by itself, and that is said', async () => {
  const change = vi.spyOn(api, 'changeMe').mockResolvedValue(account({ nudges: true }));
  await open();
  vi.mocked(api.me).mockResolvedValue(account({ nudges: true }));
  fireEvent.click(box('Reminders'));
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Saved.'));
  const sent = { notification_choices: { nudges: true } };
  expect(change).toHaveBeenCalledExactlyOnceWith(sent, { accessToken: 'token' });
  expect(box('Reminders').checked).toBe(true);
});

test('a choice shows at once, before the server has answered', async () => {
  vi.spyOn(api, 'changeMe').mockReturnValue(new Promise(() => {}));
  await open();
  fireEvent.change(screen.getByLabelText('Digest'), { target: { value: 'weekly' } });
  fireEvent.click(box('Milestones'));
  expect(screen.getByLabelText<HTMLSelectElement>('Digest').value).toBe('weekly');
  expect(box('Milestones').checked).toBe(false);
});

test('a choice that was not saved goes back, and the reason is said', async () => {
  vi.spyOn(api, 'changeMe').mockRejectedValue(new Problem('offline', '', 0));
  await open();
  fireEvent.click(box('Milestones'));
  expect(await screen.findByRole('alert')).toBeTruthy();
  expect(box('Milestones').checked).toBe(true);
  expect(screen.getByRole('status').textContent).toBe('');
});
