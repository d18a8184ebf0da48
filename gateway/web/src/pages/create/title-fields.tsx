import { TextArea, TextField } from '../../components/field';
import { useMessages } from '../../hooks/use-messages';
import { common } from '../../messages/common';
import { create } from '../../messages/create';
import styles from './settings.module.css';
import type { CreateForm } from './use-create-form';

/** Title and description. The title can be left out where there is a single question. */
export function TitleFields({ form }: { form: CreateForm }) {
  const t = useMessages(create);
  const { optional } = useMessages(common);
  const { draft, change, fault } = form;
  const isSingle = draft.questions.length === 1;
  const optionally = (label: string) => (
    <>
      {label} <span className={styles.optional}>({optional})</span>
    </>
  );
  return (
    <>
      <TextField
        name="title"
        label={isSingle ? optionally(t.ownTitle) : t.pollTitle}
        hint={isSingle && t.ownTitleHint}
        error={fault('title')}
        required={!isSingle}
        autoComplete="off"
        value={draft.title}
        onChange={(event) => change({ type: 'changed', change: { title: event.target.value } })}
      />
      <TextArea
        name="description"
        label={optionally(t.description)}
        hint={t.descriptionHint}
        error={fault('description')}
        value={draft.description}
        onChange={(event) => change({ type: 'changed', change: { description: event.target.value } })}
      />
    </>
  );
}
