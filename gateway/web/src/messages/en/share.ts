/** The page that spreads a poll. */
export default {
  title: 'Share the poll',
  link: 'Link',
  linkName: 'the link',
  send: 'Send …',
  code: 'Code',
  codeHint: (site: string) => `To type in on ${site}`,
  qr: 'QR code',
  qrLabel: (title: string) => `QR code with the link to “${title}”`,
  downloadSvg: 'As SVG',
  downloadPng: 'As PNG',
  downloadFailed: 'The picture could not be made here. Take the SVG.',
  embed: 'On a page of yours',
  embedHint: 'Paste this into the page’s HTML, where the poll is to be.',
  embedLabel: 'Code to embed the poll',
  embedName: 'the code to embed',
  goOn: 'What next?',
  vote: 'Vote',
  results: 'Results',
  present: 'Present',
  manage: 'Manage',
  onlyHere:
    'This poll was made without an account: only this browser can close it, export its votes, or delete it. Keep its data.',
  onlyHereOrAccount:
    'This poll was made without an account: only this browser can close it, export its votes, or delete it. Keep its data, or sign in and take the poll into your account.',
  signIn: 'Sign in',
  claimHint:
    'It was made in this browser without an account. In your account you can manage it from anywhere.',
  claimed: 'The poll is in your account now.',
  closed: 'The poll is closed: it takes no votes any more.',
  myPolls: 'My polls',
};
