import { expect, test } from 'vitest';
import { emailFault, passwordFault, usernameFault } from './rules';

test.each([
  'ann@example.org',
  ' Ann.O’Neil+polls@EXAMPLE.org ',
  '"a; b"@example.org',
  'jörg@münchen.example',
])('an e-mail address is one: %s', (email) => expect(emailFault(email)).toBeUndefined());

test.each(['', 'ann', 'ann@', '@example.org', 'ann@example org', `${'a'.repeat(250)}@b.org`])(
  'this is none, or too long: %s',
  (email) => expect(emailFault(email)).toBe('email'),
);

test.each(['ann', 'Ann_O-Neil.7', 'jörg', 'Ελένη', ' ann ', 'x'.repeat(32)])(
  'a username has 3 to 32 letters, digits and signs: %s',
  (username) => expect(usernameFault(username)).toBeUndefined(),
);

test.each(['an', 'x'.repeat(33), 'a b', '<b>ann', "ann'--", 'ann@x', '{{link}}', '😀😀😀'])(
  'this is no username: %s',
  (username) => expect(usernameFault(username)).toBe('username'),
);

test('a password has 10 to 200 characters, whatever they are made of', () => {
  const fitting = ['0123456789', 'ü'.repeat(200), '😀'.repeat(200), ' '.repeat(10)];
  expect(fitting.map((password) => passwordFault(password))).toEqual(fitting.map(() => undefined));
  const unfitting = ['012345678', '😀'.repeat(9), 'x'.repeat(201)];
  expect(unfitting.map((password) => passwordFault(password))).toEqual(unfitting.map(() => 'password'));
});

test('a password repeats no other field, in whatever case', () => {
  expect(passwordFault('Ann@Example.org', ['ann@example.org ', 'ann'])).toBe('passwordRepeats');
  expect(passwordFault('annannannann', ['ann@example.org', 'AnnAnnAnnAnn'])).toBe('passwordRepeats');
  expect(passwordFault('ann@example.org!', ['ann@example.org', 'ann'])).toBeUndefined();
});

test('an empty field is to be filled in', () => {
  expect([usernameFault(' '), passwordFault('')]).toEqual(['missing', 'missing']);
});
