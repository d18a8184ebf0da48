import { setTimeout } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { createPoll, question, vote } from '../harness/polls';
import { expectConnection } from '../harness/results';
import { test } from '../harness/test';
import { PHONE, type Visitor } from '../harness/visitor';

/**
 * Lighthouse's slow 4G, as it has the browser throttle it: 150 ms round trips and 1.6 Mbit/s, times its factors for
 * what browsers leave out (https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md).
 */
const SLOW_4G = {
  offline: false,
  latency: 150 * 3.75,
  downloadThroughput: (1.6 * 1024 * 1024 * 0.9) / 8,
  uploadThroughput: (750 * 1024 * 0.9) / 8,
};
/** Lighthouse's slowdown for phones. */
const PHONE_CPU = 4;
const RUNS = 5;

const CHOICES = 50;
const UPDATES_PER_SECOND = 10;
const SECONDS = 10;

test('largest paint on slow 4G', async ({ stack, visit }) => {
  const poll = await createPoll(stack);
  const table: Record<string, Record<string, string>> = {};
  for (const path of ['/', `/p/${poll.slug}`]) {
    for (const cpu of [1, PHONE_CPU]) {
      const paints: number[] = [];
      for (let run = 0; run < RUNS; run += 1)
        paints.push(await largestPaint(await visit({ size: PHONE }), path, cpu));
      const row = `${path.replace(poll.slug, '<slug>')}${cpu === 1 ? '' : `, CPU ${cpu} times slower`}`;
      table[row] = { time: `${(median(paints) / 1000).toFixed(2)} s` };
    }
  }
  print(`Largest contentful paint on slow 4G, median of ${RUNS}`, table);
});

test('scripting a frame while results move', async ({ stack, visit }) => {
  const choices = Array.from({ length: CHOICES }, (_, number) => `Choice number ${number + 1}`);
  const poll = await createPoll(stack, { questions: [question('Which of the fifty?', choices)] });
  const { page, context } = await visit();
  let updates = 0;
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).includes('"type":"results"')) updates += 1;
    }),
  );
  await page.goto(`/p/${poll.slug}/results`);
  await expectConnection(page, 'Live');
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  await countFrames(page);
  const [before, updatesBefore] = [await read(page, session), updates];
  for (let number = 0; number < UPDATES_PER_SECOND * SECONDS; number += 1) {
    const pace = setTimeout(1000 / UPDATES_PER_SECOND);
    await vote(stack, poll, (number * 7) % CHOICES);
    await pace;
  }
  const after = await read(page, session);
  const frames = after.frames - before.frames;
  const perFrame = (name: keyof Readings) =>
    `${(((after[name] - before[name]) * 1000) / frames).toFixed(2)} ms`;
  print(`${UPDATES_PER_SECOND} votes a second on ${CHOICES} choices for ${SECONDS} s`, {
    'results page': {
      updates: String(updates - updatesBefore),
      frames: String(frames),
      'script a frame': perFrame('script'),
      'style and layout a frame': perFrame('layout'),
      'longest task': after.longest ? `${after.longest.toFixed(0)} ms` : 'under 50 ms',
    },
  });
});

/** Sums, in seconds, but for the number of frames and the longest task, in milliseconds. */
interface Readings {
  script: number;
  layout: number;
  frames: number;
  longest: number;
}

interface Counter {
  frames: number;
  longest: number;
}

async function countFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const counter = { frames: 0, longest: 0 };
    (window as unknown as { counter: Counter }).counter = counter;
    const count = () => {
      counter.frames += 1;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) counter.longest = Math.max(counter.longest, duration);
    }).observe({ type: 'longtask' });
  });
}

async function read(page: Page, session: CDPSession): Promise<Readings> {
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  const { frames, longest } = await page.evaluate(() => (window as unknown as { counter: Counter }).counter);
  const layout = metric('LayoutDuration') + metric('RecalcStyleDuration');
  return { script: metric('ScriptDuration'), layout, frames, longest };
}

/** When the largest paint was, in milliseconds. */
async function largestPaint({ page, context }: Visitor, path: string, cpu: number): Promise<number> {
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', SLOW_4G);
  await session.send('Emulation.setCPUThrottlingRate', { rate: cpu });
  await page.goto(path, { waitUntil: 'networkidle' });
  const paint = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN);
        }).observe({ type: 'largest-contentful-paint', buffered: true });
      }),
  );
  await context.close();
  return paint;
}

function median(paints: number[]): number {
  const middle = paints.toSorted((one, other) => one - other)[Math.floor(paints.length / 2)];
  if (middle === undefined) throw new Error('nothing was painted');
  return middle;
}

function print(title: string, table: Record<string, Record<string, string>>): void {
  process.stdout.write(`\n${title}\n`);
  // biome-ignore lint/suspicious/noConsole: the outcome of the measurement
  console.table(table);
}
