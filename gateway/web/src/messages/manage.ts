import type { Catalog } from './catalog';
import de from './de/manage';
import en from './en/manage';

/** What whoever manages a poll does with it. */
export const manage: Catalog<typeof en> = { en, de };
