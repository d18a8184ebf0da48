import { useEffect, useSyncExternalStore } from 'react';

/** Whether the page fills the screen, and how to change that. */
export interface FullScreen {
  isAvailable: boolean;
  isOn: boolean;
  toggle: () => void;
}

const subscribe = (onChange: () => void) => {
  document.addEventListener('fullscreenchange', onChange);
  return () => document.removeEventListener('fullscreenchange', onChange);
};

/** The whole screen for the page, until it is left. */
export function useFullScreen(): FullScreen {
  const isOn = useSyncExternalStore(subscribe, () => document.fullscreenElement !== null);
  useEffect(() => leave, []);
  return { isAvailable: document.fullscreenEnabled, isOn, toggle: isOn ? leave : enter };
}

function enter(): void {
  // Where the browser refuses it the page stays as it is.
  document.documentElement.requestFullscreen({ navigationUI: 'hide' }).catch(() => undefined);
}

function leave(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
}
