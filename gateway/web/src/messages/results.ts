import type { Catalog } from './catalog';
import de from './de/results';
import en from './en/results';

/** What results, their presentation and embedded polls say. */
export const results: Catalog<typeof en> = { en, de };
