import { useEffect, useState } from 'react';

/** The time in milliseconds since 1970, told anew after `wait(now)` milliseconds each time. */
export function useNow(wait: (now: number) => number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), wait(now));
    return () => clearTimeout(timer);
  }, [now, wait]);
  return now;
}
