import { formats } from '../formats';

const { plural } = formats('en');

/** What an account is told, and the account itself. */
export default {
  title: 'Notifications',
  signedOut: 'Sign in to read what happened in your polls, and to choose what you are told.',
  elsewhere:
    'The identity provider of this installation keeps its accounts: nobody signs in on this page, so there is nothing to be told here.',
  empty: 'Nothing happened yet. When one of your polls reaches a milestone or closes, you read it here.',
  unread: 'New',
  waiting: (count: number) => plural(count, { one: '# new notification', other: '# new notifications' }),
  allRead: 'Mark all as read',
  markRead: (message: string) => `Mark as read: ${message}`,
  noneUnread: 'All read',
  choices: {
    title: 'What you are told',
    milestones: 'Milestones',
    milestonesHint: 'When one of your polls reaches one of its milestones: 100 votes, say.',
    closings: 'Closings',
    closingsHint: 'When one of your polls has closed and its results are final.',
    nudges: 'Reminders',
    nudgesHint: 'When you have not voted in a while.',
    digest: 'Digest',
    digestHint: 'What happened in the polls that you made or voted in.',
    digests: { off: 'Never', daily: 'Every day', weekly: 'Every week' },
    email: 'Also by e-mail',
    emailHint: 'Not only on this page.',
    saved: 'Saved.',
  },
  account: {
    title: 'Your account',
    username: 'Username',
    email: 'E-mail address',
    verified: 'Verified',
    unverified: 'Not verified yet',
    unverifiedHint:
      'Open the link in the mail that we sent you. Without it you can’t vote where a verified address is asked for.',
    leave: 'Delete the account',
    leaveTitle: 'Delete your account?',
    leaveVotes: 'Your votes stay and count on, but nobody can tell any more whose they are.',
    leavePolls:
      'Your polls stay as well, but nobody can close, export or delete them any more: do that first.',
    leaveNotifications:
      'Your username, your e-mail address and your notifications are gone, and nothing brings them back.',
  },
};
