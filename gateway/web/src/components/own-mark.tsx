import { useMessages } from '../hooks/use-messages';
import { results } from '../messages/results';
import { Icon } from './icon';
import styles from './own-mark.module.css';

/** Marks what the visitor voted for. */
export function OwnMark() {
  const t = useMessages(results);
  return (
    <span className={styles.mark}>
      <Icon name="check" size={14} />
      {t.own}
    </span>
  );
}
