/** A poll's part of a link: what follows `/p/` or `/embed/`. */
const IN_LINK = /\/(?:p|embed)\/([^/?#\s]+)/i;

/** The code that `text` is, or holds: a slug as typed, with spaces or capitals, or a whole link. Empty if none. */
export function codeIn(text: string): string {
  const code = IN_LINK.exec(text)?.[1] ?? text.replace(/\s/g, '');
  return code.toLowerCase();
}
