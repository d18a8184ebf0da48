import type { Catalog } from './catalog';
import de from './de/create';
import en from './en/create';

/** The page that makes polls. */
export const create: Catalog<typeof en> = { en, de };
