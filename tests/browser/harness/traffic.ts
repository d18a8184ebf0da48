import type { Page } from 'playwright-core';

/** All that a page is told: its documents, the API's answers, and WebSocket frames. */
export class Traffic {
  private readonly parts: Promise<string>[] = [];

  constructor(page: Page) {
    page.on('response', (response) => {
      const type = response.headers()['content-type'] ?? '';
      if (!/html|json|event-stream/.test(type)) return;
      const headers = JSON.stringify(response.headers());
      // An answer without a body, such as a 304, has no text.
      this.parts.push(
        response.text().then(
          (text) => `${response.url()} ${headers} ${text}`,
          () => headers,
        ),
      );
    });
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => this.parts.push(Promise.resolve(String(payload)))),
    );
  }

  /** Everything so far. */
  async text(): Promise<string> {
    return (await Promise.all(this.parts)).join('\n');
  }
}
