import type { BrowserContext, Page } from 'playwright-core';

/**
 * What no page may do, whatever a test is about: write an error to the console, throw, break the content security
 * policy (which the console tells too), or ask another host for anything.
 */
export class Complaints {
  private readonly all: string[] = [];
  private readonly forgiven: RegExp[] = [];

  constructor(
    context: BrowserContext,
    private readonly home: string,
  ) {
    context.on('console', (message) => {
      if (message.type() === 'error') this.add(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.add(`uncaught: ${error.error().stack}`));
    context.on('request', (request) => this.checkHost(request.url()));
    context.on('page', (page) => this.watch(page));
  }

  /** Lets pass what a test brings about on purpose. */
  forgive(...patterns: RegExp[]): void {
    this.forgiven.push(...patterns);
  }

  /** What is left. */
  list(): string[] {
    return this.all.filter((complaint) => !this.forgiven.some((pattern) => pattern.test(complaint)));
  }

  private watch(page: Page): void {
    page.on('websocket', (socket) => this.checkHost(socket.url().replace(/^ws/, 'http')));
    page.on('crash', () => this.add('the page crashed'));
  }

  private checkHost(address: string): void {
    const { protocol, origin } = new URL(address);
    // A blob: or data: address is the page's own.
    if (protocol.startsWith('http') && origin !== this.home) this.add(`another host: ${address}`);
  }

  private add(complaint: string): void {
    this.all.push(complaint);
  }
}
