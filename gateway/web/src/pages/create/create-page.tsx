import { useState } from 'react';
import { Link } from 'wouter';
import { ProblemAlert } from '../../components/alert';
import { Button } from '../../components/button';
import { Card } from '../../components/card';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { Page } from '../../components/page';
import { useAccount } from '../../hooks/use-account';
import { useMessages } from '../../hooks/use-messages';
import { create } from '../../messages/create';
import { page } from '../../state/page';
import styles from './create-page.module.css';
import { EMPTY, LIMITS } from './draft';
import { questionField } from './fields';
import { MoreSettings } from './more-settings';
import { Preview } from './preview';
import { QuestionCard } from './question-card';
import { TitleFields } from './title-fields';
import { type CreateForm, useCreateForm } from './use-create-form';

/** Where polls are made. */
export default function CreatePage() {
  const t = useMessages(create);
  const form = useCreateForm();
  const { draft } = form;
  return (
    <Page title={t.title} width="wide">
      <h1>{t.title}</h1>
      <div className={styles.columns}>
        <form
          ref={form.ref}
          className={styles.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void form.submit();
          }}
        >
          {draft.questions.length > 1 && (
            <Card>
              <TitleFields form={form} />
            </Card>
          )}
          {draft.questions.map((question, position) => (
            <QuestionCard key={question.id} form={form} question={question} position={position} />
          ))}
          <AddQuestion form={form} />
          <MoreSettings form={form} />
          <Finish form={form} />
          <p role="status" className="visually-hidden">
            {form.announcement}
          </p>
        </form>
        <SidePreview form={form} />
      </div>
    </Page>
  );
}

function AddQuestion({ form }: { form: CreateForm }) {
  const t = useMessages(create);
  const { questions } = form.draft;
  if (questions.length >= LIMITS.questions) return <p className={styles.note}>{t.questionsFull}</p>;
  return (
    <Button
      icon="plus"
      onClick={() => form.change({ type: 'question-added' }, { focus: questionField(questions.length) })}
    >
      {t.addQuestion}
    </Button>
  );
}

function Finish({ form }: { form: CreateForm }) {
  const t = useMessages(create);
  const { isSignedIn } = useAccount();
  return (
    <div className={styles.finish}>
      {form.problem && <ProblemAlert problem={form.problem} />}
      <div className={styles.actions}>
        <Button type="submit" variant="primary" busy={form.busy}>
          {t.create}
        </Button>
        {form.draft !== EMPTY && <StartOver form={form} />}
      </div>
      <p className={styles.note}>
        {t.cannotEdit}
        {!isSignedIn && ` ${t.anonymous} `}
        {!isSignedIn && page.accounts && <Link href="/sign-in?next=/new">{t.signIn}</Link>}
      </p>
    </div>
  );
}

function StartOver({ form }: { form: CreateForm }) {
  const t = useMessages(create);
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button variant="ghost" onClick={() => setAsking(true)}>
        {t.startOver}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t.startOverTitle}
          confirm={t.startOver}
          run={async () => {}}
          onDone={() => {
            setAsking(false);
            form.change({ type: 'restarted' }, { focus: questionField(0), said: t.startedOver });
          }}
          onCancel={() => setAsking(false)}
        >
          <p>{t.startOverText}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

/** Beside the form where there is room; below it, on demand, where there is not. */
function SidePreview({ form }: { form: CreateForm }) {
  const t = useMessages(create);
  const [isOpen, setOpen] = useState(false);
  return (
    <aside className={styles.side} aria-label={t.preview}>
      <Button
        icon="eye"
        className={styles.toggle}
        aria-expanded={isOpen}
        aria-controls="preview"
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? t.hidePreview : t.showPreview}
      </Button>
      <div id="preview" className={isOpen ? undefined : styles.hidden}>
        <Preview draft={form.draft} />
      </div>
    </aside>
  );
}
