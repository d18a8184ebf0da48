import { Badge } from '../../components/badge';
import { Card } from '../../components/card';
import { useFormats, useMessages } from '../../hooks/use-messages';
import { common } from '../../messages/common';
import { home } from '../../messages/home';
import styles from './sample.module.css';

/** Percentages of a poll that is not there. */
const SHARES = [48.1, 33.7, 18.2];
const VOTES = 1_284;

/** A decoration: what results look like while votes come in. */
export function Sample() {
  const t = useMessages(home).sample;
  const { connection } = useMessages(common);
  const { percent } = useFormats();
  return (
    <div className={styles.sample} aria-hidden="true">
      <Card className={styles.card}>
        <div className={styles.header}>
          <span className={styles.question}>{t.question}</span>
          <Badge tone="success" dot pulse>
            {connection.live}
          </Badge>
        </div>
        {t.choices.map((choice, at) => (
          <div key={choice} className={styles.choice}>
            <span className={styles.text}>
              <span>{choice}</span>
              <span>{percent(SHARES[at] ?? 0)}</span>
            </span>
            <span className={styles.track}>
              <span className={styles.share} style={{ width: `${SHARES[at]}%` }}>
                <span className={styles.bar} />
              </span>
            </span>
          </div>
        ))}
        <span className={styles.votes}>{t.votes(VOTES)}</span>
      </Card>
    </div>
  );
}
