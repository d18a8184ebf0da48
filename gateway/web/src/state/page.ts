import type { Poll } from '../client';
import { isRecord } from './stored';

/** What the gateway wrote into the page. */
export interface PageData {
  /** False where an identity provider keeps the accounts. */
  accounts: boolean;
  /** Origins that captchas may be loaded from. */
  captchaOrigins: string[];
  /** The poll that the address names, as everybody may see it, as of when the page was served. */
  poll: Poll | null;
}

function read(): PageData {
  const text = document.getElementById('page')?.textContent ?? '{}';
  const data: unknown = JSON.parse(text);
  const { accounts = true, captcha_origins = [], poll = null } = isRecord(data) ? data : {};
  return {
    accounts: accounts !== false,
    captchaOrigins: captcha_origins as string[],
    poll: poll as Poll | null,
  };
}

/** The page's data. */
export const page = read();

/** The poll of this slug or id, if the page came with it. */
export function servedPoll(poll: string): Poll | undefined {
  const served = page.poll;
  return served && (served.slug === poll || served.poll_id === poll) ? served : undefined;
}
