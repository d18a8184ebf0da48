import { violations } from '../harness/axe';
import { castVote, voteIsCounted } from '../harness/ballot';
import { HostPage } from '../harness/host-page';
import { counted, createPoll, vote } from '../harness/polls';
import { test as base, expect } from '../harness/test';

/** Serves somebody's page with this body for as long as the test runs. */
const test = base.extend<{ host: (body: string) => Promise<string> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what it needs from here
  host: async ({}, use) => {
    const pages: HostPage[] = [];
    await use(async (body) => {
      const page = await HostPage.start(body);
      pages.push(page);
      return page.url;
    });
    await Promise.all(pages.map((page) => page.end()));
  },
});

/** Notes down what frames tell the page around. */
const LISTENER = `<script>
  window.told = [];
  addEventListener('message', (event) => window.told.push(event.data));
</script>`;

test('an embedded poll votes and shows results on a page of another origin', async ({
  host,
  stack,
  visit,
}) => {
  const poll = await createPoll(stack);
  const maker = await visit();
  await maker.page.goto(`/p/${poll.slug}/share`);
  const code = await maker.page.getByLabel('Code to embed the poll').inputValue();

  const { page, complaints } = await visit();
  const url = await host(LISTENER + code);
  // The page around is what its visitor asked for.
  complaints.forgive(new RegExp(`^another host: ${url}/`));
  await page.goto(url);
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  if (!frame) throw new Error('the frame is empty');
  await castVote(frame, 'Pizza');
  await voteIsCounted(frame);
  expect(await counted(stack, poll, 1)).toEqual([0, 1, 0]);
  await frame.getByText('100%', { exact: true }).waitFor();
  await vote(stack, poll, 0);
  await frame.getByText('2 votes').waitFor();
  expect(await violations(frame)).toEqual([]);

  const told = await page.evaluate(() => (window as unknown as { told: unknown[] }).told);
  expect(told.length).toBeGreaterThan(0);
  for (const message of told) {
    expect(message).toEqual({ type: 'pollster:height', poll: poll.slug, height: expect.any(Number) });
  }
});

test('no other page of the app lets itself be framed', async ({ host, stack, visit }) => {
  const poll = await createPoll(stack);
  const { page, complaints } = await visit();
  const url = await host(`<iframe src="${stack.url}/p/${poll.slug}" title="A poll"></iframe>`);
  complaints.forgive(new RegExp(`^another host: ${url}/`));
  const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
  await page.goto(url);
  await refused;
  complaints.forgive(/frame-ancestors/);
});

test('an embedded poll takes the theme that its address names', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit({ theme: 'dark' });
  await page.goto(`/embed/${poll.slug}?theme=light`);
  await page.getByRole('heading', { level: 1, name: poll.title }).waitFor();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
});

test('an embedded poll works where the browser keeps nothing for it', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const { page } = await visit();
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    });
  });
  await page.goto(`/embed/${poll.slug}`);
  await castVote(page, 'Salad');
  await voteIsCounted(page);
});
