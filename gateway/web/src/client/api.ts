import { Http } from './http';
import { Problem } from './problem';
import type {
  Answer,
  Credentials,
  Me,
  MeChange,
  Poll,
  PollDraft,
  PollPage,
  Receipt,
  Results,
  Session,
  Stats,
  Status,
  VoteStatus,
} from './types';

/** The formats of exports. */
export type ExportFormat = 'csv' | 'json' | 'parquet';

/** What a vote is sent with. */
export interface VoteOptions {
  credentials: Credentials;
  /** Makes it safe to send again: up to 64 characters. */
  idempotencyKey: string;
  captchaToken?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Each call of Pollster's REST API as a function; all throw `Problem`. `poll` is an id or a slug. */
export class Api {
  readonly http: Http;

  constructor(base = '', send?: typeof fetch) {
    this.http = new Http(base, send);
  }

  createPoll(draft: PollDraft, credentials: Credentials): Promise<Poll> {
    return this.http.json('/polls', { method: 'POST', body: draft, credentials });
  }

  poll(poll: string, credentials: Credentials, signal?: AbortSignal): Promise<Poll> {
    return this.http.json(path(poll), { credentials, signal });
  }

  /** One's own polls, newest first, a page at a time. */
  polls(
    credentials: Credentials,
    {
      status,
      cursor,
      limit,
    }: { status?: Status | undefined; cursor?: string | undefined; limit?: number } = {},
  ): Promise<PollPage> {
    const query = new URLSearchParams({ mine: 'true' });
    if (status) query.set('status', status);
    if (cursor) query.set('cursor', cursor);
    if (limit) query.set('limit', String(limit));
    return this.http.json(`/polls?${query}`, { credentials });
  }

  results(poll: string, credentials: Credentials, signal?: AbortSignal): Promise<Results> {
    return this.http.json(path(poll, 'results'), { credentials, signal });
  }

  castVote(poll: string, answers: Answer[], options: VoteOptions): Promise<Receipt> {
    return this.vote('POST', poll, answers, options);
  }

  changeVote(poll: string, answers: Answer[], options: VoteOptions): Promise<Receipt> {
    return this.vote('PUT', poll, answers, options);
  }

  revokeVote(poll: string, { credentials, idempotencyKey, signal }: VoteOptions): Promise<Receipt> {
    const headers = { 'Idempotency-Key': idempotencyKey };
    return this.http.json(path(poll, 'votes'), { method: 'DELETE', credentials, headers, signal });
  }

  voteStatus(
    poll: string,
    voteId: string,
    credentials: Credentials,
    signal?: AbortSignal,
  ): Promise<VoteStatus> {
    return this.http.json(path(poll, `votes/${voteId}`), { credentials, signal });
  }

  closePoll(poll: string, credentials: Credentials): Promise<Poll> {
    return this.http.json(path(poll, 'close'), { method: 'POST', credentials });
  }

  deletePoll(poll: string, credentials: Credentials): Promise<void> {
    return this.http.done(path(poll), { method: 'DELETE', credentials });
  }

  /** Makes an anonymous poll the account's own: takes its access token and the poll's manage token. */
  claimPoll(poll: string, credentials: Credentials): Promise<Poll> {
    return this.http.json(path(poll, 'claim'), { method: 'POST', credentials });
  }

  /** A page of votes over time; the next begins at its `next_from`. */
  stats(poll: string, credentials: Credentials, from?: string, signal?: AbortSignal): Promise<Stats> {
    const query = from ? `?${new URLSearchParams({ from })}` : '';
    return this.http.json(path(poll, `stats${query}`), { credentials, signal });
  }

  /** The responses as a file. */
  async export(poll: string, format: ExportFormat, credentials: Credentials): Promise<Blob> {
    // A large one takes longer than any answer may.
    const options = { credentials, isStream: true };
    const response = await this.http.request(path(poll, `export?format=${format}`), options);
    return response.blob().catch(() => {
      throw new Problem('offline', 'The export broke off.', 0);
    });
  }

  register(account: { email: string; username: string; password: string }): Promise<void> {
    return this.http.done('/accounts', { method: 'POST', body: account });
  }

  verifyEmail(token: string): Promise<void> {
    return this.http.done('/accounts/verify', { method: 'POST', body: { token } });
  }

  /** Mails the verification link again. */
  mailVerification(email: string): Promise<void> {
    return this.http.done('/accounts/verification', { method: 'POST', body: { email } });
  }

  /** Mails a link to choose a new password. */
  mailPasswordReset(email: string): Promise<void> {
    return this.http.done('/accounts/password-reset', { method: 'POST', body: { email } });
  }

  resetPassword(token: string, password: string): Promise<void> {
    return this.http.done('/accounts/password', { method: 'PUT', body: { token, password } });
  }

  signIn(email: string, password: string): Promise<Session> {
    return this.http.json('/sessions', { method: 'POST', body: { email, password } });
  }

  me(credentials: Credentials, signal?: AbortSignal): Promise<Me> {
    return this.http.json('/me', { credentials, signal });
  }

  changeMe(change: MeChange, credentials: Credentials): Promise<Me> {
    return this.http.json('/me', { method: 'PATCH', body: change, credentials });
  }

  /** Leaves: the account is gone; its votes stay, unnamed. */
  deleteMe(credentials: Credentials): Promise<void> {
    return this.http.done('/me', { method: 'DELETE', credentials });
  }

  private vote(
    method: 'POST' | 'PUT',
    poll: string,
    answers: Answer[],
    options: VoteOptions,
  ): Promise<Receipt> {
    const { credentials, idempotencyKey, captchaToken, signal } = options;
    return this.http.json(path(poll, 'votes'), {
      method,
      body: { answers, ...(captchaToken && { captcha_token: captchaToken }) },
      credentials,
      headers: { 'Idempotency-Key': idempotencyKey },
      signal,
    });
  }
}

function path(poll: string, rest?: string): string {
  return `/polls/${encodeURIComponent(poll)}${rest ? `/${rest}` : ''}`;
}
