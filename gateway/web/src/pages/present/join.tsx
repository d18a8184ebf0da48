import type { Poll } from '../../client';
import { QrCode } from '../../components/qr-code';
import { useMessages } from '../../hooks/use-messages';
import { results } from '../../messages/results';
import styles from './join.module.css';

/** How those in the room come to the poll. */
export function Join({ poll }: { poll: Poll }) {
  const t = useMessages(results).present;
  return (
    <aside className={styles.join} aria-label={t.join}>
      <QrCode text={poll.url} size={448} label={t.qr} />
      <p className={styles.address}>
        {t.joinAt} <strong>{new URL(poll.url).host}</strong>
      </p>
      <p className={styles.address}>
        {t.code} <strong className={styles.slug}>{poll.slug}</strong>
      </p>
    </aside>
  );
}
