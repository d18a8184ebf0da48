import { useLayoutEffect, useRef } from 'react';
import { animate, isMotionReduced } from './frames';

/** How long a number takes to its new value, in milliseconds. */
const DURATION = 400;

/** Fast at first, slow at the end. */
const easeOut = (progress: number) => 1 - (1 - progress) ** 3;

interface CountProps {
  value: number;
  format: (value: number) => string;
}

/** A number that counts to its value. It writes by itself: React has nothing to do while it counts. */
export function Count({ value, format }: CountProps) {
  const element = useRef<HTMLSpanElement>(null);
  const shown = useRef(0);
  useLayoutEffect(() => {
    const show = (next: number) => {
      shown.current = next;
      const text = format(next);
      if (element.current && element.current.textContent !== text) element.current.textContent = text;
    };
    const from = shown.current;
    if (from === value || isMotionReduced()) {
      show(value);
      return;
    }
    show(from);
    let start: number | undefined;
    return animate((now) => {
      start ??= now;
      const progress = Math.min(1, (now - start) / DURATION);
      show(progress === 1 ? value : from + (value - from) * easeOut(progress));
      return progress < 1;
    });
  }, [value, format]);
  return <span ref={element} />;
}
