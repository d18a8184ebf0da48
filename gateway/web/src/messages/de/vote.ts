import type { Translation } from '../catalog';
import type en from '../en/vote';
import { formats } from '../formats';

const { number, plural } = formats('de');

const de: Translation<typeof en> = {
  opens: 'Beginnt',
  opened: 'Offen seit',
  closes: 'Endet',
  closed: 'Beendet',
  inTime: (clock) => `in ${clock}`,
  instruction: (min, max) => {
    if (max === 1) return 'Wählen Sie eine Antwort.';
    if (min === max) return `Wählen Sie ${number(max)} Antworten.`;
    return min === 1
      ? `Wählen Sie bis zu ${number(max)} Antworten.`
      : `Wählen Sie ${number(min)} bis ${number(max)} Antworten.`;
  },
  chosen: (count, max) => `${number(count)} von ${number(max)} gewählt`,
  missing: (count) => plural(count, { one: 'Wählen Sie eine Antwort.', other: 'Wählen Sie # Antworten.' }),
  missingMore: (count) =>
    plural(count, { one: 'Wählen Sie noch eine Antwort.', other: 'Wählen Sie noch # Antworten.' }),
  mayLeaveOut: 'Sie können Fragen auslassen und später beantworten.',
  submit: 'Abstimmen',
  submitRest: 'Antworten ergänzen',
  submitChange: 'Stimme ändern',
  cancelChange: 'Stimme behalten',
  change: 'Stimme ändern',
  revoke: 'Zurücknehmen',
  seeResults: 'Ergebnisse ansehen',
  backToVote: 'Zurück zur Abstimmung',
  youVoted: 'Sie haben abgestimmt',
  voted: {
    sending: 'Wird gesendet …',
    waiting:
      'Der Server ist gerade nicht erreichbar: Ihre Stimme bleibt hier gespeichert und wird von selbst gesendet, genau einmal.',
    accepted: 'Ihre Stimme ist angenommen.',
    confirmed: 'Ihre Stimme ist gezählt.',
  },
  revoked: {
    sending: 'Ihre Stimme wird zurückgenommen …',
    waiting: 'Der Server ist gerade nicht erreichbar: Das Zurücknehmen wird von selbst erneut versucht.',
    accepted: 'Ihre Stimme ist zurückgenommen. Sie können neu abstimmen.',
  },
  refused: 'Dieser Stimmzettel zählt nicht',
  changeRefused: 'Ihre Stimme bleibt, wie sie war',
  sameAddress:
    'Von Ihrer Adresse wurde schon abgestimmt. In dieser Umfrage haben jeder Browser und jede Adresse eine Stimme.',
  hidden: {
    afterVote: 'Die Ergebnisse sehen Sie, sobald Sie abgestimmt haben.',
    afterClose: 'Die Ergebnisse sind zu sehen, wenn die Umfrage beendet ist.',
    until: (time) => `Die Ergebnisse sind zu sehen, wenn die Umfrage beendet ist: ${time}.`,
    votersOnly: 'Die Ergebnisse sehen nur die, die abgestimmt haben.',
    coming: 'Die letzten Stimmen werden gezählt; die Ergebnisse kommen gleich.',
  },
  scheduled: 'Sie können abstimmen, sobald die Umfrage beginnt. Diese Seite öffnet sie von selbst.',
  signIn: 'Hier hat jedes Konto eine Stimme. Melden Sie sich an, um abzustimmen.',
  signInLink: 'Anmelden und abstimmen',
  verify:
    'Hier dürfen nur bestätigte Konten abstimmen. Öffnen Sie den Link in unserer E-Mail und melden Sie sich dann neu an.',
  verifyLink: 'Zu meinem Konto',
  offline:
    'Der Server ist gerade nicht erreichbar. Was Sie sehen, ist vielleicht veraltet; Ihre Stimme wird gespeichert und später gesendet.',
  captcha: {
    label: 'Zeigen Sie, dass Sie ein Mensch sind',
    missing: 'Lösen Sie zuerst das Captcha.',
    failed:
      'Das Captcha lässt sich nicht laden. Prüfen Sie, ob etwas es blockiert, und laden Sie die Seite neu.',
  },
  results: 'Ergebnisse',
  share: 'Teilen',
  pages: 'Diese Umfrage',
};
export default de;
