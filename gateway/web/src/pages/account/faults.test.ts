import { expect, test } from 'vitest';
import { Problem } from '../../client';
import { faultsIn, present } from './faults';

function refused(code: string, status: number, errors?: { field: string; detail: string }[]): Problem {
  const detail = 'See `errors`.';
  return new Problem(code, detail, status, { title: '', status, detail, code, ...(errors && { errors }) });
}

test('what is taken is said at its field', () => {
  expect(faultsIn(refused('email_taken', 409))).toEqual({ email: 'emailTaken' });
  expect(faultsIn(refused('username_taken', 409))).toEqual({ username: 'usernameTaken' });
});

test('what the server finds wrong is said at each field', () => {
  const errors = [
    { field: 'username', detail: 'must be 3 to 32 letters, digits, `_`, `-` or `.`' },
    { field: 'password', detail: 'must be 10 to 200 characters' },
  ];
  expect(faultsIn(refused('invalid_account', 422, errors))).toEqual({
    username: 'username',
    password: 'password',
  });
});

test('a password that repeats another field is not called too short', () => {
  const errors = [{ field: 'password', detail: 'must be neither the e-mail address nor the username' }];
  expect(faultsIn(refused('invalid_account', 422, errors))).toEqual({ password: 'passwordRepeats' });
});

test('other troubles are no field’s', () => {
  const token = refused('invalid_account', 422, [{ field: 'token', detail: 'is not valid any more' }]);
  expect(
    [undefined, token, new Problem('offline', '', 0), refused('rate_limited', 429)].map(faultsIn),
  ).toEqual(Array(4).fill({}));
});

test('fields that are right have no fault', () => {
  expect(present({ email: undefined, username: 'username' })).toEqual({ username: 'username' });
});
