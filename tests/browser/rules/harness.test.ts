import { violations } from '../harness/axe';
import { overflow, smallTargets } from '../harness/fit';
import { expect, test } from '../harness/test';
import { until } from '../harness/until';

/** What a page does, and the complaint that it leads to. */
const MISDEEDS = {
  // biome-ignore lint/suspicious/noConsole: what is complained of
  'an error in the console': [() => console.error('oh no'), /^console: oh no/],
  'an uncaught error': [
    () => void setTimeout(() => Promise.reject(new Error('oh no'))),
    /^uncaught: Error: oh no/,
  ],
  'a script in the page': [
    () => {
      const script = document.createElement('script');
      script.text = 'void 0';
      document.body.append(script);
    },
    /^console: .*Content Security Policy/,
  ],
  'a picture from another host': [
    () => {
      const picture = new Image();
      picture.src = 'http://203.0.113.9/pixel.png';
      document.body.append(picture);
    },
    /^console: .*203\.0\.113\.9.*Content Security Policy/,
  ],
  'a frame of another host': [
    () => {
      const frame = document.createElement('iframe');
      frame.src = 'http://203.0.113.9/';
      document.body.append(frame);
    },
    /^console: .*Content Security Policy/,
  ],
} satisfies Record<string, [() => void, RegExp]>;

for (const [name, [misdeed, expected]] of Object.entries(MISDEEDS)) {
  test(`${name} is complained of`, async ({ visit }) => {
    const { page, complaints } = await visit();
    await page.goto('/');
    expect(complaints.list()).toEqual([]);
    await page.evaluate(misdeed);
    const found = await until('a complaint', async () =>
      complaints.list().find((each) => expected.test(each)),
    );
    expect(found).toMatch(expected);
    complaints.forgive(/./);
  });
}

test('a request to another host is complained of', async ({ visit, stack }) => {
  const { page, complaints } = await visit();
  // A page without a policy that would stop it.
  await page.goto('about:blank');
  const other = stack.url.replace('127.0.0.1', 'localhost');
  await page.evaluate((url) => fetch(url, { mode: 'no-cors' }).catch(() => undefined), other);
  expect(complaints.list()).toContain(`another host: ${other}/`);
  complaints.forgive(/./);
});

test('fields without labels, pale texts, wide pages and low buttons are found', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.evaluate(() => {
    const field = document.createElement('input');
    const wide = document.createElement('button');
    wide.textContent = 'Wide and low';
    wide.style.cssText = 'width: 3000px; height: 10px; padding: 0; color: #777; background: #666';
    document.querySelector('main')?.append(field, wide);
  });
  expect(await overflow(page)).toContainEqual(expect.stringContaining('Wide and low'));
  expect(await smallTargets(page)).toEqual([expect.stringContaining('Wide and low')]);
  const found = await violations(page);
  for (const rule of ['label', 'color-contrast'])
    expect(found).toContainEqual(expect.stringContaining(`${rule}: `));
});
