import type { Catalog } from './catalog';
import de from './de/vote';
import en from './en/vote';

/** What ballots and the vote page say. */
export const vote: Catalog<typeof en> = { en, de };
