import { createParser } from 'eventsource-parser';
import { pause } from '../pause';
import { Problem } from '../problem';
import { Backoff } from './backoff';
import type { Fallback } from './fallback';
import { parseMessage } from './messages';
import { Timer } from './timer';

/** Attempts in a row to open a stream until another way is taken. */
const ATTEMPTS = 2;
/** Milliseconds in which the first bytes must come: proxies that hold them back hold back what follows too. */
const OPEN_WITHIN = 10_000;
/** Milliseconds in which something must come, later: the server says something every 25 s at least. */
const HEARD_WITHIN = 40_000;
/** Milliseconds to wait after a stream broke off, where the server did not say. */
const RETRY = 3_000;

/** Follows a poll by server-sent events (HTML, section 9.2) until it is aborted, or they are not to be had. */
export async function followEvents(fallback: Fallback): Promise<void> {
  const { signal, random, onTransport } = fallback;
  const backoff = new Backoff(random);
  for (let failures = 0; failures < ATTEMPTS && !signal.aborted; ) {
    const { wasOpen, retry } = await readStream(fallback);
    onTransport(undefined);
    failures = wasOpen ? 0 : failures + 1;
    if (failures < ATTEMPTS) await pause(wasOpen ? retry : backoff.next(), signal);
  }
}

/** What came of one stream. */
interface Stream {
  wasOpen: boolean;
  /** Milliseconds after which to open the next. */
  retry: number;
}

/** Reads one stream to its end, whatever ends it. */
async function readStream(fallback: Fallback): Promise<Stream> {
  const { watch, signal, onTransport } = fallback;
  const stream: Stream = { wasOpen: false, retry: RETRY };
  const silence = new AbortController();
  const silent = new Timer();
  silent.set(OPEN_WITHIN, () => silence.abort());
  const receive = parser(fallback, stream);
  try {
    for await (const text of texts(fallback, AbortSignal.any([signal, silence.signal]))) {
      silent.set(HEARD_WITHIN, () => silence.abort());
      stream.wasOpen = true;
      onTransport('events');
      receive(text);
    }
  } catch (error) {
    if (error instanceof Problem && !error.isTemporary && !signal.aborted) watch.refuse(error);
  }
  silent.clear();
  return stream;
}

/** The stream's text as it comes. */
async function* texts({ watch, http }: Fallback, signal: AbortSignal): AsyncGenerator<string> {
  const { pollId, version, credentials } = watch;
  const response = await http.request(`/polls/${pollId}/events`, {
    credentials,
    headers: { ...(version !== undefined && { 'Last-Event-ID': String(version) }) },
    signal,
    isStream: true,
  });
  // Nothing comes after the version that we have.
  if (response.status === 204) return watch.deliver({ type: 'closed', pollId, update: undefined });
  if (!response.headers.get('Content-Type')?.startsWith('text/event-stream') || !response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}

/** Takes the stream's text apart and delivers its messages. */
function parser({ watch }: Fallback, stream: Stream): (text: string) => void {
  const { feed } = createParser({
    onEvent: ({ data }) => {
      const message = parseMessage(data);
      if (message?.type === 'error') watch.refuse(message.problem);
      else if (message && 'pollId' in message) watch.deliver(message);
    },
    onRetry: (milliseconds) => {
      stream.retry = milliseconds;
    },
  });
  return feed;
}
