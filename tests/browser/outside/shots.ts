import { settled } from '../harness/settled';
import { arrive, STOPS, visitorAt } from '../harness/stops';
import { test } from '../harness/test';
import { DESKTOP, PHONE } from '../harness/visitor';

const FOLDER = new URL('../shots/', import.meta.url).pathname;
const SIZES = { desktop: DESKTOP, phone: PHONE };
const THEMES = ['dark', 'light'] as const;

for (const name of Object.keys(STOPS)) {
  for (const [sizeName, size] of Object.entries(SIZES)) {
    test(`${name}, ${sizeName}`, async ({ visit, world }) => {
      const visitor = await visit({ ...visitorAt(name, world), size, reducedMotion: true });
      const { page } = visitor;
      await arrive(visitor, name, world);
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme });
        await settled(page);
        await page.screenshot({ path: `${FOLDER}${name}-${sizeName}-${colorScheme}.png`, fullPage: true });
      }
    });
  }
}
