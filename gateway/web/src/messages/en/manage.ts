import type { ExportFormat } from '../../client';

/** What whoever manages a poll does with it. */
export default {
  export: {
    label: 'Download the responses',
    formats: { csv: 'CSV', json: 'JSON', parquet: 'Parquet' } as Record<ExportFormat, string>,
    hint: (format: string) => `Download the responses as ${format}`,
  },
  claim: {
    action: 'Move into my account',
    of: (title: string) => `“${title}”`,
  },
  close: {
    action: 'Close the poll',
    title: 'Close this poll?',
    text: (title: string) => `“${title}” takes no votes from then on. A closed poll can’t be opened again.`,
  },
  delete: {
    action: 'Delete the poll',
    title: 'Delete this poll?',
    text: (title: string) =>
      `“${title}” is gone with all its responses, for everybody, and nothing brings it back. Download the responses first if you need them.`,
  },
};
