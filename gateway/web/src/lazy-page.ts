import { type ComponentType, type LazyExoticComponent, lazy } from 'react';

type Module<Props> = { default: ComponentType<Props> };

/** A page that comes when it is first visited, or before. */
export interface LazyPage<Props> {
  Page: LazyExoticComponent<ComponentType<Props>>;
  /** Loads it: from then on it shows at once, without a moment of nothing. */
  load: () => Promise<void>;
}

/** The page that a module exports as its default. */
export function lazyPage<Props>(load: () => Promise<Module<Props>>): LazyPage<Props> {
  let loaded: Module<Props> | undefined;
  return {
    Page: lazy(() => (loaded ? atOnce(loaded) : load())),
    load: async () => {
      loaded = await load();
    },
  };
}

/** Not a promise, which comes a moment later, but what else React takes: something with a `then`. */
function atOnce<T>(value: T): Promise<T> {
  // biome-ignore lint/suspicious/noThenProperty: that is what it is for
  const thenable = { then: (resolve: (value: T) => void) => resolve(value) };
  return thenable as Promise<T>;
}
