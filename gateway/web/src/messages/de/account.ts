import type { Translation } from '../catalog';
import type en from '../en/account';
import { formats } from '../formats';

const { plural } = formats('de');

const de: Translation<typeof en> = {
  email: 'E-Mail-Adresse',
  username: 'Benutzername',
  usernameHint: '3 bis 32 Buchstaben, Ziffern, „_“, „-“ oder „.“.',
  password: 'Passwort',
  newPassword: 'Neues Passwort',
  passwordHint: '10 bis 200 Zeichen. Weder Ihre E-Mail-Adresse noch Ihr Benutzername.',
  showPassword: 'Passwort anzeigen',
  faults: {
    missing: 'Bitte ausfüllen.',
    email: 'Geben Sie eine E-Mail-Adresse ein, etwa anna@example.org.',
    username: 'Nehmen Sie 3 bis 32 Buchstaben, Ziffern, „_“, „-“ oder „.“.',
    password: 'Nehmen Sie 10 bis 200 Zeichen.',
    passwordRepeats: 'Nehmen Sie etwas anderes als Ihre E-Mail-Adresse oder Ihren Benutzernamen.',
    emailTaken:
      'Zu dieser E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich an oder setzen Sie das Passwort zurück.',
    usernameTaken: 'Dieser Name ist vergeben. Wählen Sie einen anderen.',
  },
  waitSeconds: (seconds) =>
    plural(seconds, {
      one: 'Zu viele Versuche. Warten Sie # Sekunde und versuchen Sie es dann erneut.',
      other: 'Zu viele Versuche. Warten Sie # Sekunden und versuchen Sie es dann erneut.',
    }),
  waitMinutes: (minutes) =>
    plural(minutes, {
      one: 'Zu viele Versuche. Warten Sie etwa # Minute und versuchen Sie es dann erneut.',
      other: 'Zu viele Versuche. Warten Sie etwa # Minuten und versuchen Sie es dann erneut.',
    }),
  elsewhere: {
    title: 'Konten werden anderswo geführt',
    text: 'Die Konten dieser Installation führt ein Identitätsanbieter: Auf dieser Seite können Sie sich weder registrieren noch anmelden. Umfragen können Sie trotzdem ohne Konto erstellen; dieser Browser merkt sie sich für Sie.',
  },
  signIn: {
    title: 'Anmelden',
    submit: 'Anmelden',
    wrong:
      'Zu dieser E-Mail-Adresse und diesem Passwort gibt es kein Konto. Prüfen Sie beides und versuchen Sie es noch einmal.',
    forgot: 'Passwort vergessen?',
    noAccount: 'Noch kein Konto?',
    signUp: 'Registrieren',
  },
  signUp: {
    title: 'Registrieren',
    text: 'Mit einem Konto haben Sie Ihre Umfragen in jedem Browser und erfahren, wenn sich darin etwas tut. Zum Abstimmen brauchen Sie meist keines.',
    submit: 'Konto erstellen',
    hasAccount: 'Sie haben ein Konto?',
    signIn: 'Anmelden',
  },
  sent: {
    title: 'Wir haben Ihnen einen Link geschickt',
    text: (email) => `Öffnen Sie den Link in der E-Mail an ${email}, um Ihre E-Mail-Adresse zu bestätigen.`,
    nothing:
      'Nichts angekommen? Sehen Sie im Spam-Ordner nach, oder lassen Sie sich den Link noch einmal schicken.',
    again: 'Noch einmal schicken',
    sentAgain: 'Er ist noch einmal unterwegs.',
    signIn: 'Anmelden',
  },
  verify: {
    title: 'E-Mail-Adresse bestätigen',
    working: 'Ihre E-Mail-Adresse wird bestätigt …',
    doneTitle: 'Ihre E-Mail-Adresse ist bestätigt',
    done: 'Melden Sie sich jetzt an.',
    signIn: 'Anmelden',
    doneSignedIn:
      'Umfragen, die eine bestätigte Adresse verlangen, glauben Ihnen ab Ihrer nächsten Anmeldung.',
    signInAgain: 'Neu anmelden',
    badTitle: 'Dieser Link gilt nicht mehr',
    bad: 'Er wurde schon benutzt, ist abgelaufen oder unvollständig. Haben Sie Ihre Adresse schon bestätigt, melden Sie sich einfach an; sonst lassen Sie sich einen neuen Link schicken.',
    submit: 'Neuen Link schicken',
    sent: (email) =>
      `Falls ${email} zu einem Konto gehört, das noch nicht bestätigt ist, ist ein neuer Link unterwegs.`,
  },
  forgot: {
    title: 'Passwort vergessen?',
    text: 'Nennen Sie uns die E-Mail-Adresse Ihres Kontos. Wir schicken Ihnen einen Link, mit dem Sie ein neues Passwort wählen.',
    submit: 'Link schicken',
    sent: (email) =>
      `Falls ${email} zu einem Konto gehört, ist ein Link unterwegs. Sehen Sie auch im Spam-Ordner nach.`,
    signIn: 'Zurück zur Anmeldung',
  },
  reset: {
    title: 'Neues Passwort wählen',
    submit: 'Passwort setzen',
    doneTitle: 'Ihr neues Passwort ist gesetzt',
    done: 'Melden Sie sich jetzt damit an.',
    signIn: 'Anmelden',
    badTitle: 'Dieser Link gilt nicht mehr',
    bad: 'Er wurde schon benutzt, ist abgelaufen oder unvollständig. Lassen Sie sich einen neuen schicken.',
  },
};
export default de;
