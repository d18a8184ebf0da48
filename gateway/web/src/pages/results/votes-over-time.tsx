import { useMemo, useState } from 'react';
import type { Poll } from '../../client';
import { SelectField } from '../../components/field';
import { useMessages } from '../../hooks/use-messages';
import { results } from '../../messages/results';
import { Chart } from './chart';
import { type Minutes, timeline } from './timeline';
import { TimelineTable } from './timeline-table';
import styles from './votes-over-time.module.css';

interface VotesOverTimeProps {
  poll: Poll;
  minutes: Minutes;
}

/** How a question's choices gained their votes. */
export function VotesOverTime({ poll, minutes }: VotesOverTimeProps) {
  const t = useMessages(results).chart;
  const [chosen, choose] = useState(0);
  const question = poll.questions[chosen];
  const end = poll.closed_at;
  const drawn = useMemo(
    () => question && timeline(question, minutes, end ? Date.parse(end) : Date.now(), t.others),
    [question, minutes, end, t],
  );
  return (
    <div className={styles.chart}>
      {poll.questions.length > 1 && (
        <SelectField
          label={t.question}
          value={chosen}
          onChange={(event) => choose(Number(event.target.value))}
        >
          {poll.questions.map(({ question_id, text }, index) => (
            <option key={question_id} value={index}>
              {text}
            </option>
          ))}
        </SelectField>
      )}
      {drawn ? (
        <>
          <Chart timeline={drawn} />
          <TimelineTable timeline={drawn} />
        </>
      ) : (
        <p className={styles.empty}>{t.empty}</p>
      )}
    </div>
  );
}
