import { useState } from 'react';
import type { ExportFormat } from '../../client';
import { api, managerCredentials } from '../../clients';
import { useAction } from '../../hooks/use-action';
import { useMessages } from '../../hooks/use-messages';
import { manage } from '../../messages/manage';
import { ProblemAlert } from '../alert';
import { Button } from '../button';
import { save } from './download';
import styles from './export-buttons.module.css';

/** How each format's files end; `json` is JSON lines. */
const ENDINGS: Record<ExportFormat, string> = { csv: 'csv', json: 'jsonl', parquet: 'parquet' };
const FORMATS = Object.keys(ENDINGS) as ExportFormat[];

/** Downloads a poll's responses in each format. */
export function ExportButtons({ poll }: { poll: { poll_id: string; slug: string } }) {
  const t = useMessages(manage).export;
  const [asked, setAsked] = useState<ExportFormat>();
  const download = useAction(async (format: ExportFormat) => {
    const file = await api.export(poll.poll_id, format, managerCredentials(poll.poll_id));
    save(file, `${poll.slug}.${ENDINGS[format]}`);
  });
  const start = (format: ExportFormat) => {
    setAsked(format);
    void download.run(format);
  };
  return (
    <>
      <fieldset className={styles.buttons}>
        <legend className="visually-hidden">{t.label}</legend>
        {FORMATS.map((format) => (
          <Button
            key={format}
            icon="download"
            title={t.hint(t.formats[format])}
            busy={download.busy && asked === format}
            onClick={() => !download.busy && start(format)}
          >
            {t.formats[format]}
          </Button>
        ))}
      </fieldset>
      {download.problem && <ProblemAlert problem={download.problem} />}
    </>
  );
}
