import type { Translation } from '../catalog';
import type en from '../en/share';

const de: Translation<typeof en> = {
  title: 'Umfrage teilen',
  link: 'Link',
  linkName: 'den Link',
  send: 'Senden …',
  code: 'Code',
  codeHint: (site) => `Zum Eintippen auf ${site}`,
  qr: 'QR-Code',
  qrLabel: (title) => `QR-Code mit dem Link zu „${title}“`,
  downloadSvg: 'Als SVG',
  downloadPng: 'Als PNG',
  downloadFailed: 'Das Bild ließ sich hier nicht erzeugen. Nehmen Sie das SVG.',
  embed: 'Auf Ihrer eigenen Seite',
  embedHint: 'Fügen Sie dies dort ins HTML der Seite ein, wo die Umfrage stehen soll.',
  embedLabel: 'Code zum Einbetten',
  embedName: 'den Code zum Einbetten',
  goOn: 'Wie weiter?',
  vote: 'Abstimmen',
  results: 'Ergebnisse',
  present: 'Präsentieren',
  manage: 'Verwalten',
  onlyHere:
    'Diese Umfrage entstand ohne Konto: Nur dieser Browser kann sie beenden, exportieren oder löschen. Löschen Sie seine Daten nicht.',
  onlyHereOrAccount:
    'Diese Umfrage entstand ohne Konto: Nur dieser Browser kann sie beenden, exportieren oder löschen. Löschen Sie seine Daten nicht, oder melden Sie sich an und übernehmen Sie die Umfrage in Ihr Konto.',
  signIn: 'Anmelden',
  claimHint:
    'Sie entstand in diesem Browser ohne Konto. In Ihrem Konto können Sie sie von überall verwalten.',
  claimed: 'Die Umfrage gehört jetzt zu Ihrem Konto.',
  closed: 'Die Umfrage ist beendet: Sie nimmt keine Stimmen mehr an.',
  myPolls: 'Meine Umfragen',
};
export default de;
