import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { api, credentials } from '../../clients';
import { Button } from '../../components/button';
import { TextField } from '../../components/field';
import { useAction } from '../../hooks/use-action';
import { useMessages } from '../../hooks/use-messages';
import { common } from '../../messages/common';
import { home } from '../../messages/home';
import { codeIn } from './code';
import styles from './join-form.module.css';

/** Goes to the poll whose code somebody was told, once it is sure that there is one. */
export function JoinForm() {
  const t = useMessages(home);
  const problems = useMessages(common).problem;
  const [, navigate] = useLocation();
  const [text, setText] = useState('');
  /** The code that was last asked for, as long as the field is not changed. */
  const [asked, setAsked] = useState<string>();
  const { run, busy, problem, reset } = useAction(async (code: string) => {
    const poll = await api.poll(code, credentials(code));
    navigate(`/p/${poll.slug}`);
  });

  const error = () => {
    if (asked === '') return t.empty;
    if (!problem) return undefined;
    if (problem.code === 'poll_not_found') return t.notFound(asked ?? '');
    return problems[problem.code] ?? problem.detail;
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const field = event.currentTarget.elements.namedItem('code');
    const code = codeIn(text);
    setAsked(code);
    const isThere = code !== '' && (await run(code));
    if (!isThere && field instanceof HTMLElement) field.focus();
  };
  const change = (text: string) => {
    setText(text);
    setAsked(undefined);
    reset();
  };

  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <TextField
        name="code"
        label={t.joinLabel}
        hint={t.joinHint}
        error={error()}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
      <Button type="submit" className={styles.go} busy={busy} icon="right">
        {t.go}
      </Button>
    </form>
  );
}
