import { stored } from './stored';

/** `system` follows what the device says. */
export type Theme = 'system' | 'dark' | 'light';

/** Whether it names a theme. */
export const isTheme = (value: unknown): value is Theme =>
  value === 'system' || value === 'dark' || value === 'light';

/** The chosen theme. public/theme.js reads it before the first paint. */
export const theme = stored<Theme>('theme', 'system', isTheme);

/** Shows a theme, whichever is chosen. */
export function showTheme(shown: Theme): void {
  if (shown === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = shown;
}

/** The theme that the page is shown in now. */
export function shownTheme(): 'dark' | 'light' {
  const shown = document.documentElement.dataset.theme;
  if (shown === 'dark' || shown === 'light') return shown;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

/** Shows the chosen theme whenever it changes; public/theme.js has shown the first. */
export function applyTheme(): void {
  theme.subscribe(() => showTheme(theme.get()));
}
