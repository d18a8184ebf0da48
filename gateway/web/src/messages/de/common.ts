import type { Translation } from '../catalog';
import type en from '../en/common';
import { formats } from '../formats';

const { number, plural } = formats('de');

const de: Translation<typeof en> = {
  appName: 'Pollster',
  skip: 'Zum Inhalt springen',
  nav: 'Hauptmenü',
  create: 'Neue Umfrage',
  myPolls: 'Meine Umfragen',
  notifications: 'Mitteilungen',
  unread: (count) => plural(count, { one: '# ungelesen', other: '# ungelesen' }),
  signIn: 'Anmelden',
  signOut: 'Abmelden',
  theme: 'Farben',
  themes: { system: 'Wie das Gerät', dark: 'Dunkel', light: 'Hell' },
  language: 'Sprache',
  apiDocs: 'API',
  footer: 'Keine angenommene Stimme geht verloren, keine zählt doppelt.',
  loading: 'Wird geladen …',
  retry: 'Erneut versuchen',
  copy: 'Kopieren',
  copied: 'Kopiert',
  copyFailed: 'Kopieren ist hier nicht erlaubt: Text markieren und von Hand kopieren.',
  cancel: 'Abbrechen',
  close: 'Schließen',
  optional: 'freiwillig',
  home: 'Zur Startseite',
  status: { scheduled: 'Geplant', active: 'Offen', closed: 'Beendet', archived: 'Archiviert' },
  connection: {
    connecting: 'Verbinden …',
    live: 'Live',
    reconnecting: 'Neu verbinden …',
    polling: 'Live, etwas verzögert',
    ended: 'Endgültig',
  },
  votes: (count) => plural(count, { one: '# Stimme', other: '# Stimmen' }),
  viewers: (count) => plural(count, { one: '# sieht zu', other: '# sehen zu' }),
  number: (value) => number(value),
  problem: {
    offline: 'Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung; wir versuchen es weiter.',
    timeout: 'Der Server hat nicht rechtzeitig geantwortet. Versuchen Sie es gleich noch einmal.',
    malformed_request:
      'Der Server hat das nicht verstanden. Laden Sie die Seite neu; sie ist vielleicht älter als der Server.',
    too_large: 'Das ist zu lang.',
    unauthenticated: 'Melden Sie sich zuerst an.',
    token_expired: 'Ihre Sitzung ist abgelaufen. Melden Sie sich neu an.',
    forbidden: 'Das dürfen Sie hier nicht.',
    results_hidden: 'Die Ergebnisse sind noch verborgen.',
    not_verified:
      'Hier dürfen nur bestätigte Konten abstimmen. Öffnen Sie den Link in unserer E-Mail und melden Sie sich dann neu an.',
    captcha_failed: 'Das Captcha wurde nicht gelöst. Versuchen Sie es noch einmal.',
    poll_not_found:
      'Diese Umfrage gibt es nicht. Sie wurde vielleicht gelöscht, oder der Link ist unvollständig.',
    vote_not_found: 'Diese Stimme ist hier nicht bekannt.',
    not_found: 'Hier ist nichts.',
    already_voted: 'Von Ihnen gibt es hier schon eine Stimme. Jede Person hat eine.',
    poll_closed: 'Die Umfrage ist beendet: Sie nimmt keine Stimmen mehr an.',
    poll_not_started: 'Die Umfrage hat noch nicht begonnen.',
    email_taken:
      'Zu dieser E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich an oder setzen Sie das Passwort zurück.',
    username_taken: 'Dieser Name ist vergeben. Wählen Sie einen anderen.',
    invalid_poll: 'Einige Felder müssen geändert werden.',
    invalid_ballot:
      'So nimmt die Umfrage den Stimmzettel nicht an. Laden Sie die Seite neu und wählen Sie noch einmal.',
    invalid_account: 'Einige Felder müssen geändert werden.',
    idempotency_mismatch: 'Unter demselben Schlüssel kam ein anderer Stimmzettel. Laden Sie die Seite neu.',
    rate_limited: 'Zu viele Anfragen. Warten Sie einen Moment und versuchen Sie es dann erneut.',
    overloaded: 'Gerade ist zu viel los. Es ist nichts geschehen; versuchen Sie es gleich noch einmal.',
    unavailable: 'Gerade nicht verfügbar. Versuchen Sie es noch einmal.',
    internal: 'Bei uns ist etwas schiefgegangen. Versuchen Sie es noch einmal.',
  },
  requestId: (id) => `Für Rückfragen: Anfrage ${id}`,
  crash: {
    title: 'Etwas ist schiefgegangen',
    text: 'Die Seite ist über einen Fehler von uns gestolpert. Ihre Stimmen sind sicher: Laden Sie neu, um fortzufahren.',
    outdated: 'Es gibt eine neuere Fassung dieser Seite. Laden Sie neu, um fortzufahren.',
    reload: 'Seite neu laden',
  },
  notFound: {
    title: 'Hier ist nichts',
    text: 'Der Link ist vielleicht unvollständig, oder die Umfrage wurde gelöscht.',
  },
};
export default de;
