import type { Catalog, Translation } from '../messages/catalog';
import { type Formats, formats } from '../messages/formats';
import { locale } from '../state/locale';
import { useStored } from './use-stored';

/** An area's texts in the chosen language. */
export function useMessages<T>(catalog: Catalog<T>): Translation<T> {
  return catalog[useStored(locale)];
}

/** How the chosen language writes numbers and times. */
export function useFormats(): Formats {
  return formats(useStored(locale));
}
