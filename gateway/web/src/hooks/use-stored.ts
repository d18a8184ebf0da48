import { useSyncExternalStore } from 'react';
import type { Stored } from '../state/stored';

/** A kept value, as it is now. */
export function useStored<T>(stored: Stored<T>): T {
  return useSyncExternalStore(stored.subscribe, stored.get);
}
