// Before the first paint, so that a page never flashes in the other theme. See src/state/theme.ts, and the pages that
// choose for themselves: presentations are dark unless asked otherwise, frames as the page around them asks.
{
  const { pathname, search } = location;
  const isTheme = (value) => value === 'dark' || value === 'light';
  const asked = pathname.startsWith('/embed/') && new URLSearchParams(search).get('theme');
  const fallback = /^\/p\/[^/]+\/present$/.test(pathname) && 'dark';
  let chosen;
  try {
    chosen = JSON.parse(localStorage.getItem('pollster.theme'));
  } catch {
    // Without storage the system's theme holds.
  }
  const theme = [asked, chosen, fallback].find(isTheme);
  if (theme) document.documentElement.dataset.theme = theme;
}
