import { randomUUID } from 'node:crypto';
import {
  Api,
  type Credentials,
  type Poll,
  type PollDraft,
  type Settings,
} from '../../../gateway/web/src/client';
import type { Place } from './stack';
import { until } from './until';

/** What differs from a poll on lunch, open to every browser. */
export interface DraftChanges extends Partial<Omit<PollDraft, 'settings'>> {
  settings?: Partial<Settings>;
}

/** A question of a draft. */
export function question(
  text: string,
  choices: string[],
  least = 1,
  most = 1,
): PollDraft['questions'][number] {
  return { text, choices, min_choices: least, max_choices: most };
}

/** Makes a poll by REST: of the account's, if one is shown. */
export function createPoll(
  { url }: Place,
  changes: DraftChanges = {},
  credentials: Credentials = {},
): Promise<Poll> {
  const { settings, ...rest } = changes;
  const draft: PollDraft = {
    title: 'Where do we have lunch?',
    description: '',
    questions: [question('Where do we have lunch?', ['Thai', 'Pizza', 'Salad'])],
    starts_at: null,
    ends_at: null,
    settings: {
      voter_identity: 'browser',
      result_visibility: 'always',
      allow_vote_change: false,
      ...settings,
    },
    ...rest,
  };
  return new Api(url).createPoll(draft, credentials);
}

/** The id of a choice, by the numbers of its question and itself, from 0. */
export function choiceId(poll: Poll, choice: number, question = 0): string {
  return part(part(poll.questions, question).choices, choice).choice_id;
}

/** Votes by REST for a choice of the first question, as a voter who is seen nowhere else. */
export async function vote(
  { url }: Place,
  poll: Poll,
  choice: number,
  credentials?: Credentials,
): Promise<void> {
  await voteFor(url, poll, [[choice]], credentials);
}

/** Votes by REST: for each question from the first the numbers of its choices. */
export async function voteFor(
  url: string,
  poll: Poll,
  choices: number[][],
  credentials: Credentials = { voterToken: randomUUID() },
): Promise<void> {
  const answers = choices.map((numbers, question) => ({
    question_id: part(poll.questions, question).question_id,
    choice_ids: numbers.map((number) => choiceId(poll, number, question)),
  }));
  await new Api(url).castVote(poll.poll_id, answers, { credentials, idempotencyKey: randomUUID() });
}

/** Waits until the poll's results hold this number of responses, and answers them choice by choice. */
export function counted({ url }: Place, poll: Poll, total: number): Promise<number[]> {
  return until(`${total} votes are counted`, async () => {
    const results = await new Api(url).results(poll.poll_id, { manageToken: poll.manage_token });
    if (results.total_votes !== total) return undefined;
    return results.questions.flatMap(({ choices }) => choices.map(({ votes }) => votes));
  });
}

function part<T>(list: T[], number: number): T {
  const found = list[number];
  if (found === undefined) throw new Error(`there is no number ${number}`);
  return found;
}
