import { type RefObject, useEffect, useRef } from 'react';

/** The path of the page that was shown last. */
let shown: string | undefined;
/** Where a visit begins, the browser has the focus in its place already. */
let hasMoved = false;

/**
 * For a page's main element: brings the focus, and with it what is read out and what is in view, to a page that another
 * one led to. The link that led there is gone, or is not about what the visitor came for.
 */
export function useArrival(): RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const isNew = shown !== undefined && shown !== location.pathname;
    shown = location.pathname;
    hasMoved ||= isNew;
    // What stood in for the page while it was loaded may have had the focus.
    const isLost = document.activeElement === document.body;
    const hasFocus = main.current?.contains(document.activeElement);
    if (!main.current || hasFocus || !(isNew || (hasMoved && isLost))) return;
    const heading = main.current.querySelector('h1') ?? main.current;
    heading.tabIndex = -1;
    heading.focus();
  }, []);
  return main;
}
