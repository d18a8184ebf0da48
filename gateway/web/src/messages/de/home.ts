import type { Translation } from '../catalog';
import type en from '../en/home';
import { formats } from '../formats';
import hero from './hero';

const { number } = formats('de');

const de: Translation<typeof en> = {
  ...hero,
  create: 'Umfrage erstellen',
  join: 'Mit Code teilnehmen',
  joinLabel: 'Code oder Link einer Umfrage',
  joinHint: 'Er steht neben dem QR-Code und am Ende des Links.',
  go: 'Teilnehmen',
  empty: 'Geben Sie den Code oder den ganzen Link ein.',
  notFound: (code) =>
    `Eine Umfrage mit dem Code „${code}“ gibt es nicht. Prüfen Sie ihn Zeichen für Zeichen.`,
  pointsTitle: 'Darauf ist Verlass',
  points: [
    {
      title: 'Genau gezählt',
      text: 'Keine angenommene Stimme geht verloren, keine zählt doppelt, was auch ausfällt.',
    },
    { title: 'Live für alle', text: 'Die Ergebnisse bewegen sich von selbst, auf jedem Bildschirm.' },
    {
      title: 'Ganz ohne Konto',
      text: 'Zum Fragen wie zum Abstimmen. Wer sich anmeldet, hat seine Umfragen beisammen.',
    },
  ],
  sample: {
    question: 'Wohin geht der Ausflug?',
    choices: ['Zum See', 'In die Berge', 'Ins Museum'],
    votes: (count) => `${number(count)} Stimmen`,
  },
};
export default de;
