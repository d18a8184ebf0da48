import type { ReactNode } from 'react';
import type { Problem } from '../client';
import { useMessages } from '../hooks/use-messages';
import { common } from '../messages/common';
import styles from './alert.module.css';
import { Icon, type IconName } from './icon';
import tones from './tone.module.css';

type Tone = 'info' | 'success' | 'warning' | 'danger';

const ICONS: Record<Tone, IconName> = {
  info: 'info',
  success: 'check',
  warning: 'warning',
  danger: 'warning',
};

/** A message that stands out; dangers are read out at once, the rest when there is a pause. */
export function Alert({
  tone = 'info',
  children,
  action,
}: {
  tone?: Tone;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={`${styles.alert} ${tones[tone]}`} role={tone === 'danger' ? 'alert' : 'status'}>
      <Icon name={ICONS[tone]} />
      <div className={styles.text}>{children}</div>
      {action}
    </div>
  );
}

/** What went wrong, in the reader's language. */
export function ProblemAlert({ problem, action }: { problem: Problem; action?: ReactNode }) {
  const text = useProblemText(problem);
  const t = useMessages(common);
  const id = problem.status >= 500 ? problem.body?.request_id : undefined;
  return (
    <Alert tone="danger" action={action}>
      {text}
      {id && <span className={styles.id}>{t.requestId(id)}</span>}
    </Alert>
  );
}

/** A problem's text; that of a code that we have none for is the server's own. */
export function useProblemText(problem: Problem): string {
  return useMessages(common).problem[problem.code] ?? problem.detail;
}
