import { formats } from '../formats';
import hero from './hero';

const { number } = formats('en');

/** The first page. */
export default {
  ...hero,
  create: 'Create a poll',
  join: 'Join by code',
  joinLabel: 'Code or link of a poll',
  joinHint: 'It stands beside the QR code, and at the end of the link.',
  go: 'Join',
  empty: 'Enter the code, or the whole link.',
  notFound: (code: string) => `There is no poll with the code “${code}”. Check it letter by letter.`,
  pointsTitle: 'What you can count on',
  points: [
    {
      title: 'Exact counts',
      text: 'An accepted vote is never lost and never counted twice, whatever fails.',
    },
    { title: 'Live for everyone', text: 'Results move by themselves, on every screen that is watching.' },
    { title: 'No account needed', text: 'Neither to ask nor to vote. Sign in to keep polls together.' },
  ],
  sample: {
    question: 'Where is the team day?',
    choices: ['Lake', 'Mountains', 'Museum'],
    votes: (count: number) => `${number(count)} votes`,
  },
};
