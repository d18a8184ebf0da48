import type { Translation } from '../catalog';
import type en from '../en/results';
import { formats } from '../formats';

const { plural } = formats('de');
const votes = (count: number) => plural(count, { one: '# Stimme', other: '# Stimmen' });

const de: Translation<typeof en> = {
  title: 'Ergebnisse',
  own: 'Ihre Stimme',
  leading: 'vorn',
  votes,
  responses: votes,
  inAll: (count) => plural(count, { one: '# Stimme insgesamt', other: '# Stimmen insgesamt' }),
  beFirst: 'Geben Sie die erste Stimme ab',
  several: 'Mehrere Antworten sind möglich, die Anteile können zusammen über 100 % liegen.',
  summary: (total, names, share) => `${total}. Vorn: ${names}, ${share}.`,
  tied: (count) => plural(count, { one: '# Antwort', other: '# Antworten gleichauf' }),
  counting: 'Die letzten Stimmen werden noch gezählt.',
  pages: 'Mehr zu dieser Umfrage',
  vote: 'Abstimmen',
  share: 'Teilen',
  presentLink: 'Vorführen',
  manage: 'Diese Umfrage verwalten',
  chart: {
    title: 'Stimmen im Zeitverlauf',
    question: 'Frage',
    empty: 'Sobald es Stimmen gibt, sehen Sie hier, wie sie eingegangen sind.',
    others: 'Alle anderen',
    time: 'Zeit',
    table: 'Als Tabelle zeigen',
    numbers: 'Stimmen im Zeitverlauf, in Zahlen',
    summary: (from, to) =>
      `Liniendiagramm der Stimmen je Antwort von ${from} bis ${to}. Die Zahlen stehen in der Tabelle darunter.`,
  },
  embed: { newTab: '(öffnet einen neuen Tab)' },
  present: {
    title: 'Vorführen',
    results: 'Ergebnisse',
    controls: 'Vorführung',
    hideResults: 'Ergebnisse verbergen',
    showResults: 'Ergebnisse zeigen',
    hideJoin: 'QR-Code verbergen',
    showJoin: 'QR-Code zeigen',
    fullScreen: 'Vollbild',
    leaveFullScreen: 'Vollbild verlassen',
    leave: 'Verlassen',
    previous: 'Vorige Frage',
    next: 'Nächste Frage',
    position: (at, of) => `${at} von ${of}`,
    join: 'Mitmachen',
    qr: 'QR-Code mit der Adresse der Umfrage',
    joinAt: 'Mitmachen auf',
    code: 'mit dem Code',
  },
};
export default de;
