import { useId } from 'react';
import { useFormats, useMessages } from '../../hooks/use-messages';
import { results } from '../../messages/results';
import { spread } from './ticks';
import type { Timeline } from './timeline';
import styles from './timeline-table.module.css';

/** So many rows at most: enough to follow the lines. */
const ROWS = 12;

/** The chart's numbers, for who would rather read than look. */
export function TimelineTable({ timeline }: { timeline: Timeline }) {
  const t = useMessages(results).chart;
  const { number, dateTime } = useFormats();
  const caption = useId();
  const { times, series } = timeline;
  const rows = spread(
    times.map((_, index) => index),
    ROWS,
  );
  return (
    <details className={styles.details}>
      <summary>{t.table}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls what is wider than the page */}
      <section className={styles.scroller} aria-labelledby={caption} tabIndex={0}>
        <table>
          <caption id={caption} className="visually-hidden">
            {t.numbers}
          </caption>
          <thead>
            <tr>
              <th scope="col">{t.time}</th>
              {series.map(({ id, text }) => (
                <th key={id} scope="col">
                  {text}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row}>
                <th scope="row">{dateTime(new Date(times[row] ?? 0))}</th>
                {series.map(({ id, votes }) => (
                  <td key={id}>{number(votes[row] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
