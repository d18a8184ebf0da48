import type { Catalog } from './catalog';
import de from './de/share';
import en from './en/share';

/** The page that spreads a poll. */
export const share: Catalog<typeof en> = { en, de };
