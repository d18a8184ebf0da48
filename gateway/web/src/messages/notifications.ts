import type { Catalog } from './catalog';
import de from './de/notifications';
import en from './en/notifications';

/** What an account is told, and the account itself. */
export const notifications: Catalog<typeof en> = { en, de };
