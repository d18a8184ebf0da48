import type { Translation } from '../catalog';
import type en from '../en/notifications';
import { formats } from '../formats';

const { plural } = formats('de');

const de: Translation<typeof en> = {
  title: 'Mitteilungen',
  signedOut:
    'Melden Sie sich an, um zu lesen, was sich in Ihren Umfragen tut, und um zu wählen, was Sie erfahren.',
  elsewhere:
    'Die Konten dieser Installation führt ein Identitätsanbieter: Auf dieser Seite meldet sich niemand an, also gibt es hier nichts mitzuteilen.',
  empty:
    'Noch ist nichts geschehen. Erreicht eine Ihrer Umfragen eine besondere Stimmenzahl oder endet sie, lesen Sie es hier.',
  unread: 'Neu',
  waiting: (count) => plural(count, { one: '# neue Mitteilung', other: '# neue Mitteilungen' }),
  allRead: 'Alle als gelesen markieren',
  markRead: (message) => `Als gelesen markieren: ${message}`,
  noneUnread: 'Alles gelesen',
  choices: {
    title: 'Was Sie erfahren',
    milestones: 'Meilensteine',
    milestonesHint: 'Wenn eine Ihrer Umfragen einen ihrer Meilensteine erreicht, etwa 100 Stimmen.',
    closings: 'Enden',
    closingsHint: 'Wenn eine Ihrer Umfragen beendet ist und das Ergebnis feststeht.',
    nudges: 'Erinnerungen',
    nudgesHint: 'Wenn Sie länger nicht abgestimmt haben.',
    digest: 'Zusammenfassung',
    digestHint: 'Was sich in Umfragen getan hat, die Sie erstellt oder in denen Sie abgestimmt haben.',
    digests: { off: 'Nie', daily: 'Täglich', weekly: 'Wöchentlich' },
    email: 'Auch per E-Mail',
    emailHint: 'Nicht nur auf dieser Seite.',
    saved: 'Gespeichert.',
  },
  account: {
    title: 'Ihr Konto',
    username: 'Benutzername',
    email: 'E-Mail-Adresse',
    verified: 'Bestätigt',
    unverified: 'Noch nicht bestätigt',
    unverifiedHint:
      'Öffnen Sie den Link in unserer E-Mail. Ohne ihn können Sie nicht abstimmen, wo eine bestätigte Adresse verlangt ist.',
    leave: 'Konto löschen',
    leaveTitle: 'Ihr Konto löschen?',
    leaveVotes: 'Ihre Stimmen bleiben und zählen weiter, aber niemand kann mehr sagen, von wem sie sind.',
    leavePolls:
      'Auch Ihre Umfragen bleiben, aber niemand kann sie mehr beenden, exportieren oder löschen: Tun Sie das vorher.',
    leaveNotifications:
      'Ihr Benutzername, Ihre E-Mail-Adresse und Ihre Mitteilungen verschwinden unwiderruflich.',
  },
};
export default de;
