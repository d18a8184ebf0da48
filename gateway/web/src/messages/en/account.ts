import type { Fault } from '../../pages/account/rules';
import { formats } from '../formats';

const { plural } = formats('en');

/** Signing up and in, and what belongs to it. */
export default {
  email: 'E-mail address',
  username: 'Username',
  usernameHint: '3 to 32 letters, digits, “_”, “-” or “.”.',
  password: 'Password',
  newPassword: 'New password',
  passwordHint: '10 to 200 characters. Neither your e-mail address nor your username.',
  showPassword: 'Show the password',
  faults: {
    missing: 'Fill this in.',
    email: 'Enter an e-mail address, like ann@example.org.',
    username: 'Use 3 to 32 letters, digits, “_”, “-” or “.”.',
    password: 'Use 10 to 200 characters.',
    passwordRepeats: 'Use something else than your e-mail address or username.',
    emailTaken: 'There is an account with this e-mail address already. Sign in, or reset the password.',
    usernameTaken: 'This username is taken. Choose another.',
  } satisfies Record<Fault, string> as Record<Fault, string>,
  waitSeconds: (seconds: number) =>
    plural(seconds, {
      one: 'Too many tries. Wait # second, then try again.',
      other: 'Too many tries. Wait # seconds, then try again.',
    }),
  waitMinutes: (minutes: number) =>
    plural(minutes, {
      one: 'Too many tries. Wait about # minute, then try again.',
      other: 'Too many tries. Wait about # minutes, then try again.',
    }),
  elsewhere: {
    title: 'Accounts are kept elsewhere',
    text: 'The identity provider of this installation keeps its accounts: you can’t sign up or in on this page. You can still make polls without an account; this browser keeps them for you.',
  },
  signIn: {
    title: 'Sign in',
    submit: 'Sign in',
    wrong: 'There is no account with this e-mail address and password. Check both, and try again.',
    forgot: 'Forgot the password?',
    noAccount: 'No account yet?',
    signUp: 'Sign up',
  },
  signUp: {
    title: 'Sign up',
    text: 'With an account your polls are with you in every browser, and you hear when something happens in them. To vote you mostly need none.',
    submit: 'Create the account',
    hasAccount: 'You have an account?',
    signIn: 'Sign in',
  },
  sent: {
    title: 'We sent you a link',
    text: (email: string) => `Open the link in the mail to ${email} to verify your e-mail address.`,
    nothing: 'Nothing there? Look into the spam folder, or let us send it again.',
    again: 'Send it again',
    sentAgain: 'It is on its way once more.',
    signIn: 'Sign in',
  },
  verify: {
    title: 'Verify your e-mail address',
    working: 'Your e-mail address is being verified …',
    doneTitle: 'Your e-mail address is verified',
    done: 'Sign in now.',
    signIn: 'Sign in',
    doneSignedIn: 'Polls that ask for a verified address believe you from your next sign-in on.',
    signInAgain: 'Sign in again',
    badTitle: 'This link does not work any more',
    bad: 'It was used before, has expired, or is incomplete. Where you verified your address already, just sign in; else let us send you a new link.',
    submit: 'Send a new link',
    sent: (email: string) =>
      `If ${email} belongs to an account that is not verified yet, a new link is on its way.`,
  },
  forgot: {
    title: 'Forgot the password?',
    text: 'Tell us the e-mail address of your account. We send you a link to choose a new password.',
    submit: 'Send the link',
    sent: (email: string) =>
      `If ${email} belongs to an account, a link is on its way. Look into the spam folder too.`,
    signIn: 'Back to signing in',
  },
  reset: {
    title: 'Choose a new password',
    submit: 'Set the password',
    doneTitle: 'Your new password is set',
    done: 'Sign in with it now.',
    signIn: 'Sign in',
    badTitle: 'This link does not work any more',
    bad: 'It was used before, has expired, or is incomplete. Let us send you a new one.',
  },
};
