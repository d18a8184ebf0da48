/** Where who signs in goes without a wish of their own. */
export const DEFAULT_NEXT = '/polls';

/**
 * Where `search` asks to go on after signing in: a path of this app, else the default. Whoever made the link may have
 * put another site there, in any of the forms that browsers take for one.
 */
export function nextIn(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '';
  return isOwnPath(next) ? next : DEFAULT_NEXT;
}

/** `path` with the page to go on to, where it is not the default one. */
export function withNext(path: string, next: string): string {
  return next === DEFAULT_NEXT ? path : `${path}?${new URLSearchParams({ next })}`;
}

function isOwnPath(path: string): boolean {
  // Browsers read `\` as `/`, and pass over tabs and line ends.
  return /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(path) && !/^\/sign-(in|up)\b/.test(path);
}
