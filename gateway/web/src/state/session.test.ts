// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';
import { accessToken, session, signedIn, subject } from './session';

/** A token that says `claims`; nobody here looks at its signature. */
function tokenOf(claims: unknown): string {
  return ['{}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');
}

afterEach(() => {
  session.remove();
  vi.useRealTimers();
});

test('nobody is signed in at first', () => {
  expect([accessToken(), subject()]).toEqual([undefined, undefined]);
});

test('a token is shown until it expires', () => {
  vi.useFakeTimers();
  signedIn({ access_token: 'a.b.c', token_type: 'Bearer', expires_in: 60 });
  vi.advanceTimersByTime(59_999);
  expect(accessToken()).toBe('a.b.c');
  vi.advanceTimersByTime(1);
  expect(accessToken()).toBeUndefined();
});

test('the subject is read from the token, whatever its letters', () => {
  const access_token = tokenOf({ sub: 'https://id.example|jörg?✓' });
  signedIn({ access_token, token_type: 'Bearer', expires_in: 60 });
  expect(subject()).toBe('https://id.example|jörg?✓');
});

test.each(['opaque', 'a.b.c', tokenOf('text'), tokenOf({ sub: 7 })])(
  'a token that says no subject has none: %s',
  (access_token) => {
    signedIn({ access_token, token_type: 'Bearer', expires_in: 60 });
    expect([accessToken(), subject()]).toEqual([access_token, undefined]);
  },
);
