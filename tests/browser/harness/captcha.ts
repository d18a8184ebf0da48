import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from 'playwright-core';

/** Where Turnstile's script is loaded from. */
export const PROVIDER = 'https://challenges.cloudflare.com';
/** What the verifier takes for a solved captcha. */
export const SOLVED = 'solved-by-a-person';

/** Verifies captchas as their makers do (siteverify): `SOLVED` once, and nothing else. */
export class Verifier {
  private isSpent = false;
  private readonly server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const success = new URLSearchParams(body).get('response') === SOLVED && !this.isSpent;
      this.isSpent ||= success;
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ success }));
    });
  });

  /** Starts it; answers its address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/siteverify`;
  }

  end(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Stands in for the maker's script, which is out of reach: a button for each token that can be had. */
export async function serveWidget(context: BrowserContext): Promise<void> {
  await context.route(`${PROVIDER}/**`, (route) => {
    const ready = new URL(route.request().url()).searchParams.get('onload');
    const body = `
      window.turnstile = {
        render(element, { sitekey, callback }) {
          for (const [name, token] of [['I am a person', '${SOLVED}'], ['I am a machine', 'guessed']]) {
            const button = document.createElement('button');
            button.type = 'button';
            button.textContent = name;
            button.dataset.sitekey = sitekey;
            button.onclick = () => callback(token);
            element.append(button);
          }
          return element;
        },
        reset() {},
      };
      window['${ready}']();`;
    return route.fulfill({ contentType: 'text/javascript', body });
  });
}
