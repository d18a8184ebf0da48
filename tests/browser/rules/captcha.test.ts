import { afterAll, beforeAll } from 'vitest';
import { voteIsCounted } from '../harness/ballot';
import { PROVIDER, serveWidget, Verifier } from '../harness/captcha';
import { counted, createPoll } from '../harness/polls';
import { Stack } from '../harness/stack';
import { expect, test } from '../harness/test';

const verifier = new Verifier();
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start([
    `CAPTCHA_VERIFY_URL=${await verifier.start()}`,
    'CAPTCHA_SECRET=the secret',
    'CAPTCHA_SITE_KEY=the-site-key',
    `CAPTCHA_SCRIPT_ORIGIN=${PROVIDER}`,
  ]);
});

afterAll(async () => {
  await stack.end();
  verifier.end();
});

test('a vote takes a solved captcha, from its maker’s own host', async ({ visit }) => {
  const poll = await createPoll(stack.place, { settings: { captcha: true } });
  const { page, context, complaints } = await visit({}, stack.place);
  await serveWidget(context);
  complaints.forgive(new RegExp(`another host: ${PROVIDER}`), /status of 403/);
  await page.goto(`/p/${poll.slug}`);
  const vote = page.getByRole('button', { name: 'Vote', exact: true });
  const person = page.getByRole('button', { name: 'I am a person' });
  expect(await person.getAttribute('data-sitekey')).toBe('the-site-key');

  await page.getByLabel('Pizza').check();
  await vote.click();
  await page.getByRole('alert').waitFor();
  await page.getByRole('button', { name: 'I am a machine' }).click();
  await vote.click();
  await page.getByText('The captcha was not solved.').waitFor();
  expect(await page.getByLabel('Pizza').isChecked()).toBe(true);

  await person.click();
  await vote.click();
  await voteIsCounted(page);
  expect(await counted(stack.place, poll, 1)).toEqual([0, 1, 0]);
});

test('where a poll asks for no captcha its maker is asked for nothing', async ({ visit }) => {
  const poll = await createPoll(stack.place);
  const { page } = await visit({}, stack.place);
  await page.goto(`/p/${poll.slug}`);
  await page.getByRole('button', { name: 'Vote', exact: true }).waitFor();
});
