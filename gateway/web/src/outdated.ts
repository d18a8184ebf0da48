/** Under this name the tab keeps when it was loaded anew for the want of a part. */
const KEY = 'pollster.reloaded';
/** A part that is missing again so soon is not there in the newer release either. */
const AGAIN_AFTER = 60_000;

/**
 * Loads the page anew where a part of it is gone: a newer release was put in its place, whose parts have other names.
 * Once, not over and over: what is still missing then is said on the page, with a button.
 */
export function reloadWhereOutdated(reload = () => location.reload()): void {
  addEventListener('vite:preloadError', () => {
    if (firstInAWhile()) reload();
  });
}

/** Whether the tab was not loaded anew just now; where it can't keep that, it can't be told either. */
function firstInAWhile(): boolean {
  try {
    const now = Date.now();
    if (now - Number(sessionStorage.getItem(KEY)) < AGAIN_AFTER) return false;
    sessionStorage.setItem(KEY, String(now));
    return true;
  } catch {
    return false;
  }
}
