import { ButtonLink } from '../../components/button';
import { useMessages } from '../../hooks/use-messages';
import { polls } from '../../messages/polls';
import styles from './polls-page.module.css';

/** Where there is nothing yet, what to do. */
export function FirstPoll({ title }: { title: string }) {
  const t = useMessages(polls);
  return (
    <div className={styles.empty}>
      <p className={styles.emptyTitle}>{title}</p>
      <p className={styles.muted}>{t.emptyText}</p>
      <ButtonLink href="/new" variant="primary" icon="plus">
        {t.create}
      </ButtonLink>
    </div>
  );
}
