/** The parts of a browser's page that say when a connection may be had again. */
export interface Page {
  readonly window: EventTarget;
  readonly document: EventTarget & { readonly visibilityState: string };
}

/** The page that this runs in, if it does. */
export function currentPage(): Page | undefined {
  return typeof window === 'undefined' ? undefined : { window, document };
}

/** Calls `wake` when the network is back and when the page is looked at again, until `signal` is aborted. */
export function onWake({ window, document }: Page, wake: () => void, signal: AbortSignal): void {
  window.addEventListener('online', wake, { signal });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && wake(), {
    signal,
  });
}
