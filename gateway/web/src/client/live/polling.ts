import { pause } from '../pause';
import { Problem } from '../problem';
import type { Results } from '../types';
import { Backoff } from './backoff';
import type { Fallback } from './fallback';
import { messageOf } from './messages';

/** Milliseconds between two questions, and at most so many more at random. */
const ASK_EVERY = 3_000;
const JITTER = 1_000;

/** Asks for a poll's results again and again until it is aborted. */
export async function pollResults(fallback: Fallback): Promise<void> {
  const { signal, random } = fallback;
  const backoff = new Backoff(random, ASK_EVERY);
  let etag: string | undefined;
  while (!signal.aborted) {
    let wait = ASK_EVERY + random() * JITTER;
    try {
      etag = await ask(fallback, etag);
      backoff.reset();
    } catch (error) {
      if (signal.aborted) return;
      if (!refused(fallback, error)) wait += backoff.next();
      if (error instanceof Problem) wait += error.pause;
    }
    await pause(wait, signal);
  }
}

/** Asks once, and answers the tag of what came. */
async function ask(
  { watch, http, signal, onTransport }: Fallback,
  etag?: string,
): Promise<string | undefined> {
  const { pollId, credentials } = watch;
  const headers = { ...(etag && { 'If-None-Match': etag }) };
  const response = await http.request(`/polls/${pollId}/results`, { credentials, headers, signal });
  const message = response.status === 304 ? undefined : messageOf((await response.json()) as Results);
  onTransport('polling');
  if (message) watch.deliver(message);
  return response.headers.get('ETag') ?? undefined;
}

/** Takes that there are no results; whether this is what the server has to say to who asks. */
function refused({ watch, onTransport }: Fallback, error: unknown): boolean {
  const isDefinite = error instanceof Problem && !error.isTemporary;
  if (isDefinite) watch.refuse(error);
  // Results that are hidden may be shown later.
  onTransport(isDefinite ? 'polling' : undefined);
  return isDefinite;
}
