import type { Translation } from '../catalog';
import type en from '../en/manage';

const de: Translation<typeof en> = {
  export: {
    label: 'Antworten herunterladen',
    formats: { csv: 'CSV', json: 'JSON', parquet: 'Parquet' },
    hint: (format) => `Antworten als ${format} herunterladen`,
  },
  claim: {
    action: 'In mein Konto übernehmen',
    of: (title) => `„${title}“`,
  },
  close: {
    action: 'Umfrage beenden',
    title: 'Diese Umfrage beenden?',
    text: (title) =>
      `„${title}“ nimmt danach keine Stimmen mehr an. Eine beendete Umfrage lässt sich nicht wieder öffnen.`,
  },
  delete: {
    action: 'Umfrage löschen',
    title: 'Diese Umfrage löschen?',
    text: (title) =>
      `„${title}“ verschwindet mit allen Antworten, für alle und unwiderruflich. Laden Sie die Antworten vorher herunter, wenn Sie sie noch brauchen.`,
  },
};
export default de;
