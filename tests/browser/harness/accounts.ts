import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Api } from '../../../gateway/web/src/client';
import type { Place } from './stack';
import { until } from './until';

/** Somebody with an account. */
export interface Account {
  email: string;
  username: string;
  password: string;
  accessToken: string;
}

/** What somebody new would choose: no two are alike. */
export function newcomer(): Omit<Account, 'accessToken'> {
  const username = `ann-${randomUUID().slice(0, 8)}`;
  return { username, email: `${username}@example.org`, password: 'correct horse battery' };
}

/** An account with a verified address, signed in. */
export async function account(stack: Place): Promise<Account> {
  const api = new Api(stack.url);
  const { email, username, password } = newcomer();
  await api.register({ email, username, password });
  await api.verifyEmail(mailedToken(await mailedLink(stack, email, '/verify')));
  const { access_token } = await api.signIn(email, password);
  return { email, username, password, accessToken: access_token };
}

/** The link to `path` in the newest mail to this address that has one. */
export function mailedLink(stack: Place, email: string, path: string): Promise<string> {
  return until(`a mail to ${email} that leads to ${path}`, async () => {
    const mails = await allMails(stack.mailFolder);
    const links = mails
      .filter((mail) => mail.includes(`To: ${email}`))
      .map((mail) => /^http\S+/m.exec(mail)?.[0]);
    return links.findLast((link) => link?.includes(`${path}?token=`));
  });
}

/** The token that a mailed link carries. */
export function mailedToken(link: string): string {
  return new URL(link).searchParams.get('token') ?? '';
}

async function allMails(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const mails = names.filter((name) => name.endsWith('.eml')).sort();
  return Promise.all(mails.map((name) => readFile(join(folder, name), 'utf8')));
}
