import { Problem } from './problem';
import type { Credentials, ProblemBody } from './types';

/** How a request differs from a plain GET. */
export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  credentials?: Credentials | undefined;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** The answer goes on for as long as it likes: `signal` alone ends it. */
  isStream?: boolean;
}

/** How long an answer may take, in milliseconds; the server itself gives up after 15 s. */
const TIMEOUT = 20_000;

/** The headers that say who asks. */
export function credentialHeaders({
  accessToken,
  voterToken,
  manageToken,
}: Credentials): Record<string, string> {
  return {
    ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
    ...(voterToken && { 'X-Voter-Token': voterToken }),
    ...(manageToken && { 'X-Manage-Token': manageToken }),
  };
}

/** Sends requests to one Pollster. */
export class Http {
  /** `base` is its origin; empty for the one that served the page. */
  constructor(
    readonly base = '',
    private readonly send: typeof fetch = (...request) => fetch(...request),
  ) {}

  /**
   * The answer, whatever it holds, if its status is 2xx or 304.
   * @throws {Problem} for every other, and where there is none; an abort by `signal` is thrown as it is.
   */
  async request(path: string, options: RequestOptions = {}): Promise<Response> {
    const { method = 'GET', body, credentials = {}, headers = {}, signal, isStream } = options;
    const timeout = isStream ? undefined : AbortSignal.timeout(TIMEOUT);
    const signals = [signal, timeout].filter((each) => each !== undefined);
    const response = await this.send(`${this.base}/api/v1${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...credentialHeaders(credentials),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any(signals),
    }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      if (timeout?.aborted) throw new Problem('timeout', 'The server did not answer in time.', 0);
      throw new Problem('offline', 'The server can’t be reached.', 0);
    });
    if (response.ok || response.status === 304) return response;
    throw await problem(response);
  }

  /** The answer's JSON. */
  async json<T>(path: string, options?: RequestOptions): Promise<T> {
    const response = await this.request(path, options);
    return (await response.json().catch((error: unknown) => {
      if (options?.signal?.aborted) throw error;
      throw new Problem('offline', 'The server’s answer broke off.', 0);
    })) as T;
  }

  /** Where the answer holds nothing. */
  async done(path: string, options: RequestOptions): Promise<void> {
    await this.request(path, options);
  }
}

async function problem(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const after = Number.isFinite(retryAfter) ? retryAfter : undefined;
  const isProblem = response.headers.get('Content-Type')?.startsWith('application/problem+json');
  const body = isProblem
    ? ((await response.json().catch(() => undefined)) as ProblemBody | undefined)
    : undefined;
  if (body) return new Problem(body.code, body.detail, response.status, body, after);
  // Not from Pollster: a proxy's own page.
  return new Problem(
    'unavailable',
    `The server answered ${response.status}.`,
    response.status,
    undefined,
    after,
  );
}
