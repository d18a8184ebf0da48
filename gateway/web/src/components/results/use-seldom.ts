import { useEffect, useRef, useState } from 'react';

/** The least time between two announcements, in milliseconds. */
const PAUSE = 10_000;

/** What is to be said of a text that changes often: its newest form, and not too often. Its first is not said. */
export function useSeldom(text: string | undefined): string {
  const [said, setSaid] = useState('');
  const known = useRef<string>(undefined);
  const saidAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (text === undefined || text === known.current) return;
    if (known.current === undefined) {
      known.current = text;
      saidAt.current = performance.now();
      return;
    }
    const say = () => {
      known.current = text;
      saidAt.current = performance.now();
      setSaid(text);
    };
    const timer = setTimeout(say, Math.max(0, saidAt.current + PAUSE - performance.now()));
    return () => clearTimeout(timer);
  }, [text]);
  return said;
}
