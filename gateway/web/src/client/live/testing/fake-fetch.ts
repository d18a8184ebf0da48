import { vi } from 'vitest';

/** A request, as the test sees it. */
export interface FakeRequest {
  path: string;
  headers: Record<string, string>;
  signal: AbortSignal;
}

/** A server of plain requests: `answer` answers each, or throws where there is none. */
export function fakeFetch(answer: (request: FakeRequest) => Response | Promise<Response>) {
  const requests: FakeRequest[] = [];
  const fetch = vi.fn(async (url: unknown, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(String(url));
    const headers = Object.fromEntries(new Headers(init?.headers ?? {}));
    const request = { path: pathname, headers, signal: init?.signal ?? new AbortController().signal };
    requests.push(request);
    return answer(request);
  });
  /** What was asked for on paths that end like this. */
  const of = (end: string) => requests.filter(({ path }) => path.endsWith(end));
  return { fetch: fetch as unknown as typeof globalThis.fetch, requests, of };
}

/** A stream of events whose other side the test is. */
export class FakeStream {
  private readonly encoder = new TextEncoder();
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** The answer that begins the stream; it breaks off when the request is aborted. */
  answer({ signal }: FakeRequest): Response {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
        signal.addEventListener('abort', () => controller.error(signal.reason));
      },
    });
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  }

  say(text: string): void {
    this.controller?.enqueue(this.encoder.encode(text));
  }

  /** Sends messages as events, all at once. */
  event(...messages: { type: string; poll_id: string; count?: number }[]): void {
    this.say(
      messages.map((message) => `event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`).join(''),
    );
  }

  end(): void {
    this.controller?.close();
  }
}

/** Problem details as Pollster answers them. */
export function problemAnswer(status: number, code: string, headers: Record<string, string> = {}): Response {
  const body = JSON.stringify({ title: code, status, code, detail: 'It is so.' });
  return new Response(body, { status, headers: { 'Content-Type': 'application/problem+json', ...headers } });
}
