import { stored } from './stored';

/** The languages that there are message files for. */
export const LOCALES = ['en', 'de'] as const;
export type Locale = (typeof LOCALES)[number];

const isLocale = (value: unknown): value is Locale => LOCALES.some((locale) => locale === value);

/** The first of the browser's languages that we speak. */
function preferred(): Locale {
  const languages = navigator.languages.map((language) => language.split('-')[0]);
  return languages.find(isLocale) ?? 'en';
}

/** The chosen language. */
export const locale = stored<Locale>('locale', preferred(), isLocale);

/** The language with the browser's region where it is the same language: `en-GB` writes dates unlike `en-US`. */
export function regional(language: Locale): string {
  return navigator.languages.find((candidate) => candidate.split('-')[0] === language) ?? language;
}
