import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Poll } from '../../../gateway/web/src/client';
import type { Account } from './accounts';
import { Complaints } from './complaints';
import type { Place } from './stack';
import { Traffic } from './traffic';

/** How long anything may take that should happen at once, on a busy machine. */
const TIMEOUT = 15_000;

/** How a visitor comes. */
export interface VisitorOptions {
  /** Comes from this address, as a proxy tells the gateway. */
  address?: string;
  /** Is signed in. */
  account?: Account;
  /** Made these polls in this browser, without an account. */
  manages?: Poll[];
  /** Kept by the browser from earlier. */
  kept?: Record<string, unknown>;
  size?: Size;
  theme?: 'dark' | 'light';
  locale?: string;
  reducedMotion?: boolean;
}

export interface Size {
  width: number;
  height: number;
}

export const DESKTOP: Size = { width: 1280, height: 900 };
export const PHONE: Size = { width: 390, height: 844 };
export const SMALL_PHONE: Size = { width: 360, height: 740 };

/** Somebody with a browser of their own: nothing is shared with other visitors but the server. */
export class Visitor {
  readonly complaints: Complaints;
  readonly traffic: Traffic;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    complaints: Complaints,
  ) {
    this.complaints = complaints;
    this.traffic = new Traffic(page);
  }

  static async come(browser: Browser, { url }: Place, options: VisitorOptions): Promise<Visitor> {
    const context = await browser.newContext({
      ...contextOptions(options),
      ...storage(url, options),
      baseURL: url,
    });
    context.setDefaultTimeout(TIMEOUT);
    const complaints = new Complaints(context, url);
    return new Visitor(context, await context.newPage(), complaints);
  }

  /** Reads what the browser keeps under a name. */
  kept(name: string): Promise<unknown> {
    return this.page.evaluate((key) => JSON.parse(localStorage.getItem(key) ?? 'null'), `pollster.${name}`);
  }
}

function contextOptions(options: VisitorOptions): BrowserContextOptions {
  const { address, size = DESKTOP, theme = 'dark', locale = 'en-GB', reducedMotion = false } = options;
  return {
    viewport: size,
    isMobile: size.width < DESKTOP.width,
    hasTouch: size.width < DESKTOP.width,
    colorScheme: theme,
    locale,
    timezoneId: 'Europe/Berlin',
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    ...(address && { extraHTTPHeaders: { 'X-Forwarded-For': address } }),
  };
}

/** What the web app keeps: see gateway/web/src/state. */
function storage(origin: string, { account, manages, kept }: VisitorOptions): BrowserContextOptions {
  const entries = {
    ...(account && { session: { accessToken: account.accessToken, expiresAt: Date.now() + 3_600_000 } }),
    ...(manages && { 'own-polls': manages.map(ownPoll) }),
    ...kept,
  };
  const localStorage = Object.entries(entries).map(([name, value]) => ({
    name: `pollster.${name}`,
    value: JSON.stringify(value),
  }));
  return { storageState: { cookies: [], origins: [{ origin, localStorage }] } };
}

function ownPoll({ poll_id, slug, title, created_at, manage_token }: Poll) {
  return { pollId: poll_id, slug, title, createdAt: created_at, manageToken: manage_token };
}
