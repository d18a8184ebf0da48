import { FakeStream, fakeFetch } from './fake-fetch';
import { resultsBody } from './frames';

/** An answer to `GET /results` of this version. */
export function resultsAnswer(version: number, options = {}): Response {
  return Response.json(resultsBody(version, options), { headers: { ETag: `"${version}"` } });
}

/** A server whose streams of events open, each a new one. */
export function streamingServer() {
  const streams: FakeStream[] = [];
  const server = fakeFetch((request) => {
    const stream = new FakeStream();
    streams.push(stream);
    return stream.answer(request);
  });
  const last = () => {
    const stream = streams.at(-1);
    if (!stream) throw new Error('no stream was opened');
    return stream;
  };
  return { ...server, last };
}

/** A server that answers results but opens no stream. */
export function askedServer(answer: () => Response) {
  return fakeFetch(({ path }) => {
    if (path.endsWith('/events')) throw new TypeError('fetch failed');
    return answer();
  });
}

/** A server that answers results, behind a proxy that holds streams back. */
export function buffered() {
  return fakeFetch((request) =>
    request.path.endsWith('/events') ? new FakeStream().answer(request) : resultsAnswer(1),
  );
}
