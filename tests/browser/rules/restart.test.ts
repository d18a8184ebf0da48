import { castVote, voteIsCounted } from '../harness/ballot';
import { counted, createPoll, vote } from '../harness/polls';
import { expectConnection, expectVotes } from '../harness/results';
import { Stack } from '../harness/stack';
import { test as base, expect } from '../harness/test';

/** A stack that may be hurt. */
const test = base.extend<{ own: Stack }>({
  own: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what it needs from here
    async ({}, use) => {
      const own = await Stack.start();
      await use(own);
      await own.end();
    },
    { scope: 'file' },
  ],
});

/** What a browser says of a server that is away. */
const AWAY = [
  /WebSocket connection to/,
  /ERR_CONNECTION_REFUSED/,
  /ERR_EMPTY_RESPONSE/,
  /ERR_CONNECTION_RESET/,
];

test('a page that watches recovers from a killed gateway by itself, with the right counts', async ({
  own,
  visit,
}) => {
  const poll = await createPoll(own.place);
  await vote(own.place, poll, 0);
  const { page, complaints } = await visit({}, own.place);
  complaints.forgive(...AWAY);
  await page.goto(`/p/${poll.slug}/results`);
  await expectConnection(page, 'Live');
  await expectVotes(page, { Thai: 1, Pizza: 0, Salad: 0 });

  await own.killGateway();
  await expectConnection(page, 'Reconnecting …');
  // What is known stays.
  await expectVotes(page, { Thai: 1, Pizza: 0, Salad: 0 });
  await vote({ ...own.place, url: own.place.otherUrl }, poll, 1);
  await own.restartGateway();
  await expectConnection(page, 'Live');
  await expectVotes(page, { Thai: 1, Pizza: 1, Salad: 0 });
  await vote(own.place, poll, 2);
  await expectVotes(page, { Thai: 1, Pizza: 1, Salad: 1 });
});

test('a vote that is cast while the gateway is away is kept, sent once it is back, and counts once', async ({
  own,
  visit,
}) => {
  const poll = await createPoll(own.place);
  const { page, complaints } = await visit({}, own.place);
  complaints.forgive(...AWAY);
  await page.goto(`/p/${poll.slug}`);
  await expectConnection(page, 'Live');
  await own.killGateway();
  await castVote(page, 'Pizza');
  await page.getByText('your vote is kept here and sent by itself').waitFor();
  await own.restartGateway();
  await voteIsCounted(page);
  await expectVotes(page, { Thai: 0, Pizza: 1, Salad: 0 });
  expect(await counted(own.place, poll, 1)).toEqual([0, 1, 0]);
});
