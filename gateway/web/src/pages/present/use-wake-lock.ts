import { useEffect } from 'react';

/** Keeps the screen on, where the device lets pages do that. */
export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let isOver = false;
    // The browser takes it back whenever the page is hidden.
    const ask = async () => {
      if (document.visibilityState !== 'visible') return;
      lock = await request();
      if (isOver) await lock?.release();
    };
    void ask();
    document.addEventListener('visibilitychange', ask);
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', ask);
      void lock?.release();
    };
  }, []);
}

/** Nothing on pages without TLS, or where the battery is low. */
async function request(): Promise<WakeLockSentinel | undefined> {
  try {
    return await navigator.wakeLock?.request('screen');
  } catch {
    return undefined;
  }
}
