import { randomUUID } from 'node:crypto';
import { Api, type Credentials, type Poll } from '../../../gateway/web/src/client';
import { type Account, account } from './accounts';
import { counted, createPoll, type DraftChanges, question, vote, voteFor } from './polls';
import type { Place } from './stack';

/** Polls in all their states, as real ones are, and who made or votes in them. */
export type World = Awaited<ReturnType<typeof makeWorld>>;

const LONG_TITLE =
  'Which of these places shall we choose for the three days of our autumn retreat, all wishes considered so far?';
const PLACES = [
  'The farmhouse by the lake, with its own jetty and a sauna',
  'A hut in the mountains that is reached on foot only, two hours from the last bus stop, without electricity',
  'Lisbon',
  'Donaudampfschifffahrtsgesellschaftskapitänskajütenhotel',
];
const SURVEY = [
  question('Where shall we go?', PLACES),
  question('What do you eat?', ['Meat', 'Fish', 'Vegetarian', 'Vegan'], 1, 2),
  question('Will you come?', ['Yes', 'No']),
];

/** Makes them. */
export async function makeWorld(stack: Place) {
  const creator = await account(stack);
  const voter = { voterToken: randomUUID() };
  const [open, empty, hidden, closed, survey, scheduled, forAccounts] = await Promise.all([
    openPoll(stack, voter),
    retreat(stack),
    retreat(stack, { settings: { result_visibility: 'after_close' } }),
    closedPoll(stack),
    surveyPoll(stack),
    retreat(stack, { starts_at: inHours(30) }),
    retreat(stack, { settings: { voter_identity: 'account' } }),
    accountPolls(stack, creator),
  ]);
  return { creator, voter, open, empty, hidden, closed, survey, scheduled, forAccounts };
}

async function openPoll(stack: Place, voter: Credentials): Promise<Poll> {
  const poll = await retreat(stack);
  await vote(stack, poll, 1, voter);
  await Promise.all([0, 0, 0, 1, 3].map((choice) => vote(stack, poll, choice)));
  await counted(stack, poll, 6);
  return poll;
}

async function closedPoll(stack: Place): Promise<Poll> {
  const poll = await retreat(stack);
  await vote(stack, poll, 2);
  await close(stack, poll, { manageToken: poll.manage_token });
  return poll;
}

async function surveyPoll(stack: Place): Promise<Poll> {
  const poll = await retreat(stack, {
    title: 'Retreat',
    description: 'Three short questions.\nYou may leave out what you have no opinion on.',
    ends_at: inHours(0.8),
    questions: SURVEY,
  });
  await voteFor(stack.url, poll, [[2], [1, 2], [0]]);
  return poll;
}

/** Two, one of them closed, of which the account has notifications. */
async function accountPolls(stack: Place, { accessToken }: Account): Promise<void> {
  const poll = await retreat(stack, { settings: { milestones: [1, 2] } }, { accessToken });
  await Promise.all([vote(stack, poll, 0), vote(stack, poll, 2)]);
  await close(stack, await createPoll(stack, {}, { accessToken }), { accessToken });
}

function retreat(stack: Place, changes: DraftChanges = {}, credentials: Credentials = {}): Promise<Poll> {
  return createPoll(
    stack,
    { title: LONG_TITLE, questions: [question(LONG_TITLE, PLACES)], ...changes },
    credentials,
  );
}

async function close(stack: Place, poll: Poll, credentials: Credentials): Promise<void> {
  await new Api(stack.url).closePoll(poll.poll_id, credentials);
}

/** A time to come, in the API's form. */
function inHours(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}
