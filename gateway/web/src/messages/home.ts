import type { Catalog } from './catalog';
import de from './de/home';
import en from './en/home';

/** The first page. */
export const home: Catalog<typeof en> = { en, de };
