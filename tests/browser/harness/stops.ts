import type { Page } from 'playwright-core';
import { settled } from './settled';
import type { Visitor, VisitorOptions } from './visitor';
import type { World } from './world';

/** A page as somebody finds it. */
interface Stop {
  path: (world: World) => string;
  visitor?: (world: World) => VisitorOptions;
  /** Brings it into the state that it is to be seen in. */
  prepare?: (page: Page) => Promise<void>;
  /** Errors in the console that belong to it. */
  forgive?: RegExp;
}

const NO_TOKEN = '0'.repeat(64);

const voted = ({ voter }: World): VisitorOptions => ({ kept: { voter: voter.voterToken } });
const manager = ({ open }: World): VisitorOptions => ({ manages: [open] });
const signedIn = ({ creator }: World): VisitorOptions => ({ account: creator });

/** Every page of the app, with data in it, by a name for its pictures. */
export const STOPS: Record<string, Stop> = {
  home: { path: () => '/' },
  create: { path: () => '/new' },
  'create-settings': { path: () => '/new', prepare: fillIn },
  'not-found': { path: () => '/nowhere', forgive: /status of 404/ },
  'no-such-poll': { path: () => '/p/nosuchpoll', forgive: /status of 404/ },

  vote: { path: ({ open }) => `/p/${open.slug}` },
  'vote-voted': { path: ({ open }) => `/p/${open.slug}`, visitor: voted },
  'vote-hidden': { path: ({ hidden }) => `/p/${hidden.slug}` },
  'vote-closed': { path: ({ closed }) => `/p/${closed.slug}` },
  'vote-scheduled': { path: ({ scheduled }) => `/p/${scheduled.slug}` },
  'vote-sign-in': { path: ({ forAccounts }) => `/p/${forAccounts.slug}` },
  'vote-survey': { path: ({ survey }) => `/p/${survey.slug}` },
  embed: { path: ({ open }) => `/embed/${open.slug}` },
  'embed-voted': { path: ({ open }) => `/embed/${open.slug}`, visitor: voted },

  results: { path: ({ open }) => `/p/${open.slug}/results` },
  'results-managed': { path: ({ open }) => `/p/${open.slug}/results`, visitor: manager },
  'results-empty': { path: ({ empty }) => `/p/${empty.slug}/results` },
  'results-hidden': { path: ({ hidden }) => `/p/${hidden.slug}/results`, forgive: /status of 403/ },
  'results-survey': { path: ({ survey }) => `/p/${survey.slug}/results` },
  share: { path: ({ open }) => `/p/${open.slug}/share` },
  'share-managed': { path: ({ open }) => `/p/${open.slug}/share`, visitor: manager },
  present: { path: ({ open }) => `/p/${open.slug}/present` },
  'present-survey': { path: ({ survey }) => `/p/${survey.slug}/present` },

  polls: { path: () => '/polls', visitor: (world) => ({ ...signedIn(world), ...manager(world) }) },
  'polls-of-browser': { path: () => '/polls', visitor: manager },
  'polls-empty': { path: () => '/polls' },
  notifications: { path: () => '/notifications', visitor: signedIn },
  'notifications-signed-out': { path: () => '/notifications' },
  'sign-in': { path: () => '/sign-in' },
  'sign-up': { path: () => '/sign-up' },
  'forgot-password': { path: () => '/forgot-password' },
  'reset-password': { path: () => `/reset-password?token=${NO_TOKEN}` },
  'verify-used-link': { path: () => `/verify?token=${NO_TOKEN}`, forgive: /status of 4\d\d/ },
};

async function fillIn(page: Page): Promise<void> {
  await page
    .getByLabel('Your question')
    .fill('Which of these places shall we choose for our autumn retreat?');
  await page.getByText('More settings').click();
}

/** How who comes to a stop comes. */
export function visitorAt(name: string, world: World): VisitorOptions {
  return stop(name).visitor?.(world) ?? {};
}

/** Takes a visitor to a stop, and waits until all of it is there. */
export async function arrive({ page, complaints }: Visitor, name: string, world: World): Promise<void> {
  const { path, prepare, forgive } = stop(name);
  if (forgive) complaints.forgive(forgive);
  await page.goto(path(world));
  await settled(page);
  if (!prepare) return;
  await prepare(page);
  await settled(page);
}

function stop(name: string): Stop {
  const found = STOPS[name];
  if (!found) throw new Error(`there is no stop ${name}`);
  return found;
}
