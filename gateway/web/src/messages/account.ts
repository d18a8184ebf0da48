import type { Catalog } from './catalog';
import de from './de/account';
import en from './en/account';

/** Signing up and in, and what belongs to it. */
export const account: Catalog<typeof en> = { en, de };
