import type { Plugin, Rolldown } from 'vite';
import de from '../src/messages/de/hero.ts';
import en from '../src/messages/en/hero.ts';
import type { Locale } from '../src/state/locale.ts';

/** Where visitors begin, and the part of the app that they see first there. */
const HOME = 'src/pages/home/home-page.tsx';
const POLL = 'src/pages/vote/vote-page.tsx';

/** The words of the home page's picture. */
const HEROES: Record<Locale, typeof en> = { en, de };
const ROOT = '<div id="root"></div>';

/**
 * Besides index.html, which serves every address, writes the pages that visitors begin with: home.<language>.html and
 * poll.html. They load what they will show beside the app itself, not after it, and show a first picture before the
 * app runs, which then takes its place: on a slow line these are two round trips. The home page's picture is here, a
 * poll's is filled in by the gateway.
 */
export function firstPages(): Plugin {
  return {
    name: 'first-pages',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('there is no index.html');
      const html = String(page.source);
      const write = (fileName: string, source: string) => this.emitFile({ type: 'asset', fileName, source });
      const home = withLinks(html, bundle, HOME);
      for (const [language, hero] of Object.entries(HEROES)) {
        const picture = `<div id="root">${heroPicture(hero)}</div>`;
        write(
          `home.${language}.html`,
          home.replace('lang="en"', `lang="${language}"`).replace(ROOT, picture),
        );
      }
      write('poll.html', withLinks(html, bundle, POLL));
    },
  };
}

/** The words of src/pages/home/home-page.tsx, where they will stand: see src/styles/first-picture.css. */
function heroPicture({ title, titleAccent, lead }: typeof en): string {
  return `<main class="first-home"><h1>${title} <span>${titleAccent}</span></h1><p>${lead}</p></main>`;
}

/** The page with links to the files of `module` and of all that it imports, but those that it names already. */
function withLinks(html: string, bundle: Rolldown.OutputBundle, module: string): string {
  const chunks = new Set<Rolldown.OutputChunk>();
  const add = (chunk: Rolldown.OutputBundle[string] | undefined) => {
    if (chunk?.type !== 'chunk' || chunks.has(chunk) || html.includes(chunk.fileName)) return;
    chunks.add(chunk);
    for (const imported of chunk.imports) add(bundle[imported]);
  };
  const first = Object.values(bundle).find(
    (chunk) => chunk.type === 'chunk' && chunk.facadeModuleId?.endsWith(module),
  );
  if (!first) throw new Error(`${module} is in no chunk of its own`);
  add(first);
  const links = [...chunks].map(
    ({ fileName }) => `  <link rel="modulepreload" crossorigin href="/${fileName}">\n  `,
  );
  return html.replace('</head>', `${links.join('')}</head>`);
}
