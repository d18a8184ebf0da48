import { formats } from '../formats';

const { plural } = formats('en');
const votes = (count: number) => plural(count, { one: '# vote', other: '# votes' });

/** What results, their presentation and embedded polls say. */
export default {
  title: 'Results',
  own: 'your vote',
  leading: 'leading',
  votes,
  /** Of a question: one a voter. */
  responses: votes,
  inAll: (count: number) => plural(count, { one: '# vote in all', other: '# votes in all' }),
  beFirst: 'Be the first to vote',
  several: 'Voters may choose several, so the shares may add up to more than 100%.',
  summary: (total: string, names: string, share: string) => `${total}. Leading: ${names}, ${share}.`,
  tied: (count: number) => plural(count, { one: '# choice', other: '# choices tied' }),
  counting: 'The last votes are being counted.',
  pages: 'More about this poll',
  vote: 'Vote',
  share: 'Share',
  presentLink: 'Present',
  manage: 'Manage this poll',
  chart: {
    title: 'Votes over time',
    question: 'Question',
    empty: 'As soon as there are votes, you see here how they came in.',
    others: 'All others',
    time: 'Time',
    table: 'Show as a table',
    numbers: 'Votes over time, in numbers',
    summary: (from: string, to: string) =>
      `Line chart of the votes for each choice from ${from} to ${to}. The table below has the numbers.`,
  },
  embed: { newTab: '(opens in a new tab)' },
  present: {
    title: 'Present',
    results: 'Results',
    controls: 'Presentation',
    hideResults: 'Hide the results',
    showResults: 'Show the results',
    hideJoin: 'Hide the QR code',
    showJoin: 'Show the QR code',
    fullScreen: 'Full screen',
    leaveFullScreen: 'Leave full screen',
    leave: 'Leave',
    previous: 'Previous question',
    next: 'Next question',
    position: (at: number, of: number) => `${at} of ${of}`,
    join: 'Take part',
    qr: 'QR code of the poll’s address',
    joinAt: 'Join at',
    code: 'with the code',
  },
};
