// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { Problem } from '../../client';
import { EmailField, UsernameField } from './fields';
import { emailFault, usernameFault } from './rules';
import { useAccountForm } from './use-account-form';

afterEach(cleanup);

function Form({ send }: { send: (values: Record<string, string>) => Promise<void> }) {
  const { faults, problem, props } = useAccountForm(
    ({ email = '', username = '' }) => ({ username: usernameFault(username), email: emailFault(email) }),
    send,
  );
  return (
    <form aria-label="form" {...props}>
      <UsernameField fault={faults.username} />
      <EmailField fault={faults.email} />
      <p>{problem?.code}</p>
    </form>
  );
}

function fill(username: string, email: string): void {
  fireEvent.change(screen.getByLabelText('Username'), { target: { value: username } });
  fireEvent.change(screen.getByLabelText('E-mail address'), { target: { value: email } });
  fireEvent.submit(screen.getByRole('form'));
}

test('what is filled in right is sent', () => {
  const send = vi.fn(async () => {});
  render(<Form send={send} />);
  fill('ann', 'ann@example.org');
  expect(send).toHaveBeenCalledExactlyOnceWith({ username: 'ann', email: 'ann@example.org' });
});

test('what is wrong is not sent, and the first field that is wrong gets the focus', () => {
  const send = vi.fn(async () => {});
  render(<Form send={send} />);
  fill('ann', 'nobody');
  expect(send).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(screen.getByLabelText('E-mail address'));
  fill('a b', 'nobody');
  expect(document.activeElement).toBe(screen.getByLabelText('Username'));
});

test('what the server finds wrong is said at the field, which gets the focus', async () => {
  render(<Form send={() => Promise.reject(new Problem('email_taken', '', 409))} />);
  fill('ann', 'ann@example.org');
  const email = screen.getByLabelText('E-mail address');
  await waitFor(() => expect(document.activeElement).toBe(email));
  const described = email.getAttribute('aria-describedby') ?? '';
  expect(document.getElementById(described)?.textContent).toContain('There is an account');
});

test('a trouble that is no field’s is told by itself', async () => {
  render(<Form send={() => Promise.reject(new Problem('offline', '', 0))} />);
  fill('ann', 'ann@example.org');
  expect(await screen.findByText('offline')).toBeTruthy();
  expect(screen.getByLabelText('Username').getAttribute('aria-invalid')).toBeNull();
});

test('it is sent once, however often it is asked for meanwhile', async () => {
  const send = vi.fn(() => new Promise<void>(() => {}));
  render(<Form send={send} />);
  fill('ann', 'ann@example.org');
  fireEvent.submit(screen.getByRole('form'));
  expect(send).toHaveBeenCalledOnce();
});
