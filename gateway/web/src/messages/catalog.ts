import type { Locale } from '../state/locale';

/** The same texts in another language: strings for strings, functions of the same arguments for functions. */
export type Translation<T> = {
  [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer Args) => string
      ? (...args: Args) => string
      : Translation<T[K]>;
};

/** An area's texts in every language. */
export type Catalog<T> = Record<Locale, Translation<T>>;
