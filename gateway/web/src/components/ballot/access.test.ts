import { expect, it } from 'vitest';
import type { Poll } from '../../client';
import { accessTo } from './access';

function poll(status: Poll['status'], settings: Partial<Poll['settings']> = {}): Poll {
  return { status, settings: { voter_identity: 'browser', ...settings } } as Poll;
}

const STRANGER = { isSignedIn: false, isVerified: undefined };

it('lets any browser vote in an open poll', () => {
  expect(accessTo(poll('active'), STRANGER)).toBe('open');
});

it('asks accounts only to sign in', () => {
  const accounts = poll('active', { voter_identity: 'account' });
  expect(accessTo(accounts, STRANGER)).toBe('sign-in');
  expect(accessTo(accounts, { isSignedIn: true, isVerified: false })).toBe('open');
});

it('asks for a verified address where the poll does, once it is known that it is not', () => {
  const verified = poll('active', { voter_identity: 'account', verified_email: true });
  expect(accessTo(verified, { isSignedIn: true, isVerified: false })).toBe('verify');
  expect(accessTo(verified, { isSignedIn: true, isVerified: undefined })).toBe('open');
  expect(accessTo(verified, { isSignedIn: true, isVerified: true })).toBe('open');
});

it('asks nobody to sign in to a poll that takes no votes', () => {
  const accounts = { voter_identity: 'account' as const };
  expect(accessTo(poll('scheduled', accounts), STRANGER)).toBe('scheduled');
  expect(accessTo(poll('closed', accounts), STRANGER)).toBe('closed');
  expect(accessTo(poll('archived', accounts), STRANGER)).toBe('closed');
});
