import { lazyPage } from './lazy-page';

/** The pages that visitors begin with. Of these there is a picture before the app runs: see scripts/first-pages.ts. */
export const firstPages = {
  home: lazyPage(() => import('./pages/home/home-page')),
  vote: lazyPage(() => import('./pages/vote/vote-page')),
};

/** Loads the page that `root` shows a picture of, if it shows one, so that it goes straight over into the page. */
export async function loadPictured(root: Element): Promise<void> {
  if (!root.firstElementChild) return;
  const page = location.pathname === '/' ? firstPages.home : firstPages.vote;
  // What can't be loaded is said where it is shown.
  await page.load().catch(() => undefined);
}
