import { useMessages } from '../hooks/use-messages';
import { common } from '../messages/common';
import styles from './loading.module.css';

/** Stands where something is about to come, as high as it will be about. */
export function Loading({ lines = 4 }: { lines?: number }) {
  const t = useMessages(common);
  return (
    <div className={styles.loading} role="status">
      <span className="visually-hidden">{t.loading}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <span key={line} className={styles.line} aria-hidden="true" />
      ))}
    </div>
  );
}
