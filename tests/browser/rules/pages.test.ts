import { violations } from '../harness/axe';
import { overflow, smallTargets } from '../harness/fit';
import { settled } from '../harness/settled';
import { arrive, STOPS, visitorAt } from '../harness/stops';
import { expect, test } from '../harness/test';
import { DESKTOP, PHONE, SMALL_PHONE } from '../harness/visitor';

for (const name of Object.keys(STOPS)) {
  test(`${name}: fits every window, and axe finds nothing in either theme`, async ({ visit, world }) => {
    const visitor = await visit({ ...visitorAt(name, world), reducedMotion: true });
    const { page } = visitor;
    await arrive(visitor, name, world);
    for (const size of [DESKTOP, PHONE, SMALL_PHONE]) {
      await page.setViewportSize(size);
      expect(await overflow(page), `${size.width} pixels`).toEqual([]);
      expect(await smallTargets(page), `${size.width} pixels`).toEqual([]);
    }
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await settled(page);
      expect(await violations(page), colorScheme).toEqual([]);
    }
  });
}
