/** What is wrong with a field of an account. */
export type Fault =
  | 'missing'
  | 'email'
  | 'username'
  | 'password'
  | 'passwordRepeats'
  | 'emailTaken'
  | 'usernameTaken';

// The server's limits: it decides, this says it before.
const MAX_EMAIL = 254;
const USERNAME = { min: 3, max: 32 };
const PASSWORD = { min: 10, max: 200 };

/** What is wrong with an e-mail address, if anything. Whether mail arrives there only mail can tell. */
export function emailFault(email: string): Fault | undefined {
  const text = email.trim();
  const isAddress = /^.+@[^@\s]+$/u.test(text) && lengthOf(text) <= MAX_EMAIL;
  return isAddress ? undefined : 'email';
}

/** What is wrong with a username, if anything. */
export function usernameFault(username: string): Fault | undefined {
  const text = username.trim();
  if (text === '') return 'missing';
  const length = lengthOf(text);
  const fits = length >= USERNAME.min && length <= USERNAME.max;
  return fits && /^[\p{Alphabetic}\p{N}_.-]+$/u.test(text) ? undefined : 'username';
}

/** What is wrong with a new password, if anything. `others` are the fields that it must not repeat. */
export function passwordFault(password: string, others: string[] = []): Fault | undefined {
  if (password === '') return 'missing';
  const length = lengthOf(password);
  if (length < PASSWORD.min || length > PASSWORD.max) return 'password';
  const repeats = others.some((other) => other.trim().toLowerCase() === password.toLowerCase());
  return repeats ? 'passwordRepeats' : undefined;
}

/** Characters as people and the server count them, not UTF-16's halves. */
function lengthOf(text: string): number {
  return [...text].length;
}
