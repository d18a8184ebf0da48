import type { Catalog } from './catalog';
import de from './de/polls';
import en from './en/polls';

/** One's own polls. */
export const polls: Catalog<typeof en> = { en, de };
