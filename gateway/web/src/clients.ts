import { Api, type Credentials, LiveClient, type Poll } from './client';
import { manageToken } from './state/own-polls';
import { accessToken, subject } from './state/session';
import { voterToken } from './state/voter';

/** The API of the gateway that served this page. */
export const api = new Api();

/** Live results of that gateway: one connection, however many polls are on the page. */
export const live = new LiveClient();

/** Who asks about a poll, by its id or slug: all that this browser can show; the server takes what counts. */
export function credentials(poll: string): Credentials {
  return { accessToken: accessToken(), voterToken: voterToken(), manageToken: manageToken(poll) };
}

/** Who manages a poll: its creator's account, or whoever holds its manage token. */
export function managerCredentials(poll: string): Credentials {
  return { accessToken: accessToken(), manageToken: manageToken(poll) };
}

/** Whose vote in this poll this browser would cast: its own, or that of the account; empty if nobody is signed in. */
export function voterIn(poll: Poll): string {
  return poll.settings.voter_identity === 'account' ? (subject() ?? '') : 'browser';
}
