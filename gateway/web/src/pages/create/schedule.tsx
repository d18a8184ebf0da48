import { SelectField, TextField } from '../../components/field';
import { useMessages } from '../../hooks/use-messages';
import { create } from '../../messages/create';
import type { Deadline, Draft } from './draft';
import styles from './settings.module.css';
import { suggestion } from './times';
import type { CreateForm } from './use-create-form';

/** The last minute that the server's format of times has. */
const LATEST = '9999-12-31T23:59';

/** When the poll starts and ends. */
export function Schedule({ form }: { form: CreateForm }) {
  const t = useMessages(create);
  const { draft, fault } = form;
  const change = (change: Partial<Draft>) => form.change({ type: 'changed', change });
  return (
    <fieldset className={styles.group}>
      <legend>{t.timeGroup}</legend>
      <div className={styles.pair}>
        <SelectField
          label={t.start}
          value={draft.start}
          onChange={(event) =>
            change({
              start: event.target.value as Draft['start'],
              startsAt: draft.startsAt || suggestion(0),
            })
          }
        >
          <Labels labels={t.starts} />
        </SelectField>
        {draft.start === 'at' && (
          <TextField
            type="datetime-local"
            name="starts_at"
            label={t.startsAt}
            error={fault('starts_at')}
            max={LATEST}
            value={draft.startsAt}
            onChange={(event) => change({ startsAt: event.target.value })}
          />
        )}
      </div>
      <div className={styles.pair}>
        <SelectField
          name={draft.deadline === 'at' ? undefined : 'ends_at'}
          label={t.deadline}
          error={draft.deadline === 'at' ? undefined : fault('ends_at')}
          value={draft.deadline}
          onChange={(event) =>
            change({
              deadline: event.target.value as Deadline,
              endsAt: draft.endsAt || suggestion(1),
            })
          }
        >
          <Labels labels={t.deadlines} />
        </SelectField>
        {draft.deadline === 'at' && (
          <TextField
            type="datetime-local"
            name="ends_at"
            label={t.endsAt}
            error={fault('ends_at')}
            max={LATEST}
            value={draft.endsAt}
            onChange={(event) => change({ endsAt: event.target.value })}
          />
        )}
      </div>
    </fieldset>
  );
}

function Labels({ labels }: { labels: Record<string, string> }) {
  return Object.entries(labels).map(([value, label]) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));
}
