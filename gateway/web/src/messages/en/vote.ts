import { formats } from '../formats';

const { number, plural } = formats('en');

/** What ballots and the vote page say. */
export default {
  opens: 'Opens',
  opened: 'Open since',
  closes: 'Closes',
  closed: 'Closed',
  /** Minutes and seconds until then. */
  inTime: (clock: string) => `in ${clock}`,
  instruction: (min: number, max: number) => {
    if (max === 1) return 'Choose one.';
    if (min === max) return `Choose ${number(max)}.`;
    return min === 1 ? `Choose up to ${number(max)}.` : `Choose ${number(min)} to ${number(max)}.`;
  },
  chosen: (count: number, max: number) => `${number(count)} of ${number(max)} chosen`,
  missing: (count: number) => plural(count, { one: 'Choose an option.', other: 'Choose # options.' }),
  missingMore: (count: number) =>
    plural(count, { one: 'Choose one option more.', other: 'Choose # options more.' }),
  mayLeaveOut: 'You may leave questions out and answer them later.',
  submit: 'Vote',
  submitRest: 'Add answers',
  submitChange: 'Change vote',
  cancelChange: 'Keep my vote',
  change: 'Change vote',
  revoke: 'Take it back',
  seeResults: 'See results',
  backToVote: 'Back to the vote',
  youVoted: 'You voted',
  voted: {
    sending: 'Sending …',
    waiting: 'The server can’t be reached for now: your vote is kept here and sent by itself, exactly once.',
    accepted: 'Your vote is accepted.',
    confirmed: 'Your vote is counted.',
  },
  revoked: {
    sending: 'Taking your vote back …',
    waiting: 'The server can’t be reached for now: taking your vote back is tried again by itself.',
    accepted: 'Your vote is taken back. You can vote again.',
  },
  refused: 'This ballot does not count',
  changeRefused: 'Your vote stays as it was',
  sameAddress:
    'Somebody has voted from your address already. In this poll each browser and each address has one vote.',
  hidden: {
    afterVote: 'The results are shown once you have voted.',
    afterClose: 'The results are shown when the poll is closed.',
    until: (time: string) => `The results are shown when the poll is closed, on ${time}.`,
    votersOnly: 'The results are shown only to those who voted.',
    coming: 'The last votes are being counted; the results come in a moment.',
  },
  scheduled: 'You can vote as soon as the poll opens. This page opens it by itself.',
  signIn: 'Each account has one vote here. Sign in to vote.',
  signInLink: 'Sign in to vote',
  verify:
    'This poll takes votes of verified accounts only. Open the link in the mail that we sent you, then sign in again.',
  verifyLink: 'To my account',
  offline:
    'The server can’t be reached for now. What you see may be old; a vote is kept and sent when it is back.',
  captcha: {
    label: 'Show that you are human',
    missing: 'Solve the captcha first.',
    failed: 'The captcha can’t be loaded. Check whether something blocks it, then reload the page.',
  },
  results: 'Results',
  share: 'Share',
  pages: 'This poll',
};
