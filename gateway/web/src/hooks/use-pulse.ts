import { useEffect } from 'react';

/**
 * Calls `beat` every so many milliseconds while the page is visible, and when it is so again or the network is back;
 * not at all without an interval.
 */
export function usePulse(beat: () => void, interval: number | undefined): void {
  useEffect(() => {
    if (interval === undefined) return;
    const beatIfVisible = () => {
      if (document.visibilityState === 'visible') beat();
    };
    const timer = setInterval(beatIfVisible, interval);
    document.addEventListener('visibilitychange', beatIfVisible);
    addEventListener('online', beatIfVisible);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', beatIfVisible);
      removeEventListener('online', beatIfVisible);
    };
  }, [beat, interval]);
}
