import type { Translation } from '../catalog';
import type en from '../en/create';
import { formats } from '../formats';

const { number, plural } = formats('de');

const options = (count: number) => plural(count, { one: '# Antwort', other: '# Antworten' });

const de: Translation<typeof en> = {
  title: 'Neue Umfrage',
  yourQuestion: 'Ihre Frage',
  questionHint: 'Zum Beispiel: Wo essen wir?',
  pollTitle: 'Titel der Umfrage',
  ownTitle: 'Eigener Titel',
  ownTitleHint: 'Ohne eigenen Titel ist die Frage der Titel.',
  description: 'Beschreibung',
  descriptionHint: 'Was man vor der Wahl wissen sollte.',
  question: (position) => `Frage ${number(position)}`,
  options: 'Antworten',
  option: (position) => `Antwort ${number(position)}`,
  optionsHint:
    'Enter fügt eine Antwort hinzu. Alt mit ↑ oder ↓ verschiebt sie. Mehrere eingefügte Zeilen ergeben mehrere Antworten.',
  addOption: 'Antwort hinzufügen',
  optionsFull: 'Mehr als 50 Antworten sind nicht möglich.',
  moveUp: (what) => `Nach oben: ${what}`,
  moveDown: (what) => `Nach unten: ${what}`,
  remove: (what) => `Entfernen: ${what}`,
  moved: (what, position, count) => `${what} ist jetzt Nummer ${number(position)} von ${number(count)}.`,
  removed: (what) => `${what} wurde entfernt.`,
  pasted: (count) =>
    plural(count, { one: '# Antwort wurde hinzugefügt.', other: '# Antworten wurden hinzugefügt.' }),
  pastedPart: (count) => `${options(count)} hinzugefügt; die übrigen sind mehr, als eine Frage haben kann.`,
  duplicate: (position) => `Dasselbe wie Antwort ${number(position)}.`,
  addQuestion: 'Frage hinzufügen',
  questionsFull: 'Mehr als 20 Fragen sind nicht möglich.',
  multiple: 'Mehrere Antworten sind erlaubt',
  atLeast: 'Mindestens',
  atMost: 'Höchstens',
  anyNumber: 'Beliebig viele',
  optionCount: options,
  more: 'Weitere Einstellungen',
  titleGroup: 'Titel und Beschreibung',
  timeGroup: 'Zeit',
  start: 'Beginn',
  starts: { now: 'Sofort', at: 'Später …' },
  startsAt: 'Beginnt am',
  deadline: 'Ende',
  deadlines: {
    none: 'Wenn Sie sie beenden',
    minutes: 'Nach 5 Minuten',
    hour: 'Nach 1 Stunde',
    day: 'Nach 1 Tag',
    week: 'Nach 1 Woche',
    at: 'Zu einer Uhrzeit …',
  },
  endsAt: 'Endet am',
  voters: 'Wer hat eine Stimme?',
  voter: {
    browser: 'Jeder Browser',
    account: 'Jedes Konto',
    browser_and_address: 'Jeder Browser und jede Adresse',
  },
  voterHint: {
    browser:
      'Ganz ohne Anmeldung. Mit einem anderen Gerät oder einem geleerten Browser könnte man noch einmal abstimmen.',
    account: 'Wer abstimmt, meldet sich vorher an. Am sichersten, verlangt aber am meisten.',
    browser_and_address:
      'Wie oben, dazu nur eine Stimme je Internetadresse. Wer ein Netz teilt, etwa im Büro, hat dort zusammen eine Stimme.',
  },
  verified: 'Nur Konten mit bestätigter E-Mail-Adresse',
  results: 'Wer sieht die Ergebnisse?',
  visibility: {
    always: 'Alle, jederzeit',
    after_vote: 'Alle, die abgestimmt haben',
    after_close: 'Alle, sobald die Umfrage beendet ist',
  },
  visibilityHint: {
    always: 'Die Stimmen gehen vor aller Augen ein.',
    after_vote: 'Niemand richtet sich nach den Stimmen der anderen.',
    after_close: 'Bis dahin sehen nur Sie sie.',
  },
  votesGroup: 'Stimmen',
  change: 'Stimmen dürfen geändert und zurückgezogen werden',
  changeHint: 'Solange die Umfrage offen ist.',
  changeImpossible:
    'Nicht möglich bei einer Stimme je Adresse: Eine geänderte Stimme wäre von einer zweiten nicht zu unterscheiden.',
  captcha: 'Vor der Stimme ein Captcha lösen lassen',
  captchaHint: 'Hält Programme fern und kostet Menschen einen Moment.',
  preview: 'Vorschau',
  previewHint: 'So sehen es die anderen',
  showPreview: 'Vorschau zeigen',
  hidePreview: 'Vorschau verbergen',
  questionPlaceholder: 'Ihre Frage',
  vote: 'Abstimmen',
  choose: (min, max) =>
    min === max ? `${number(min)} auswählen` : `${number(min)} bis ${number(max)} auswählen`,
  create: 'Umfrage erstellen',
  cannotEdit: 'Eine erstellte Umfrage lässt sich nicht mehr ändern.',
  anonymous: 'Sie sind nicht angemeldet: Die Umfrage lässt sich dann nur aus diesem Browser verwalten.',
  signIn: 'Anmelden',
  startOver: 'Von vorn beginnen',
  startOverTitle: 'Von vorn beginnen?',
  startOverText: 'Was Sie eingegeben haben, ist dann weg.',
  startedOver: 'Der Entwurf ist wieder leer.',
  faults: {
    titleEmpty: 'Geben Sie der Umfrage einen Titel.',
    questionEmpty: 'Geben Sie eine Frage ein.',
    optionEmpty: 'Geben Sie eine Antwort ein. Es müssen mindestens zwei sein.',
    tooLong: (limit) => `Kürzen Sie auf ${number(limit)} Zeichen.`,
    questionIsTitle: (limit) =>
      `Kürzen Sie auf ${number(limit)} Zeichen, oder geben Sie der Umfrage unter „Weitere Einstellungen“ einen eigenen Titel.`,
    timeMissing: 'Geben Sie Tag und Uhrzeit ein.',
    timePast: 'Wählen Sie eine Zeit in der Zukunft.',
    endsBeforeStart: 'Die Umfrage muss nach ihrem Beginn enden.',
    server: (detail) => `Das nimmt der Server nicht an: ${detail}.`,
  },
};
export default de;
