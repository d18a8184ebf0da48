import { type RefObject, useCallback, useLayoutEffect, useRef } from 'react';

/** What may get the focus in a ballot. */
type Target = 'field' | 'fault' | 'outcome';

const SELECTORS: Record<Target, string> = {
  field: 'fieldset input:checked, fieldset input',
  fault: '[data-fault] input:not(:disabled), [data-fault] iframe',
  outcome: '[data-focus="outcome"]',
};

/** Moves the focus once what is to get it is there: buttons go when they are pressed, and would take it along. */
export function useFocus(): { ref: RefObject<HTMLFormElement | null>; focusNext: (target: Target) => void } {
  const ref = useRef<HTMLFormElement>(null);
  const next = useRef<Target>(undefined);
  useLayoutEffect(() => {
    if (!next.current) return;
    ref.current?.querySelector<HTMLElement>(SELECTORS[next.current])?.focus();
    next.current = undefined;
  });
  const focusNext = useCallback((target: Target) => {
    next.current = target;
  }, []);
  return { ref, focusNext };
}
