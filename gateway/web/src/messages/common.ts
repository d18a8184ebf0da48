import type { Catalog } from './catalog';
import de from './de/common';
import en from './en/common';

/** What every page may say. */
export const common: Catalog<typeof en> = { en, de };
