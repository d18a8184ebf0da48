const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** The HTML that shows a poll on another page. `url` is that of the poll: the same server serves the small one. */
export function embedCode({ url, slug, title }: { url: string; slug: string; title: string }): string {
  const source = new URL(`/embed/${slug}`, url).href;
  const name = title.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
  return `<iframe src="${source}" width="100%" height="480" style="border:0" title="${name}"></iframe>`;
}
