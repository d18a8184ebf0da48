import { useFormats, useMessages } from '../../hooks/use-messages';
import { results } from '../../messages/results';
import styles from './chart.module.css';
import { roundTicks, spread } from './ticks';
import type { Series, Timeline } from './timeline';

/** So many times are written below the chart. */
const LABELS = 4;
const DAY = 86_400_000;
/** What `styles` has lines for: one a choice, and that of the others. */
const LINES = ['line1', 'line2', 'line3', 'line4', 'line5', 'line6'];

/** Votes over time as lines, with the names of the lines below. */
export function Chart({ timeline }: { timeline: Timeline }) {
  const t = useMessages(results).chart;
  const { number, dateTime } = useFormats();
  const { times, series } = timeline;
  const ticks = roundTicks(Math.max(1, ...series.flatMap(({ votes }) => votes)));
  const [start = 0, end = 0] = [times[0], times.at(-1)];
  return (
    <>
      <div className={styles.plot}>
        <div className={styles.counts} aria-hidden="true">
          {ticks.toReversed().map((tick) => (
            <span key={tick}>{number(tick)}</span>
          ))}
        </div>
        <svg
          className={styles.lines}
          viewBox="0 0 100 100"
          preserveAspectRatio="none"
          role="img"
          aria-label={t.summary(dateTime(new Date(start)), dateTime(new Date(end)))}
        >
          {ticks.map((tick) => (
            <path key={tick} className={styles.grid} d={`M0 ${height(tick, ticks)}H100`} />
          ))}
          {series.map((line, index) => (
            <path key={line.id} className={lineClass(line, index)} d={path(line, ticks)} />
          ))}
        </svg>
        <Times times={times} />
      </div>
      <ul className={styles.legend}>
        {series.map((line, index) => (
          <li key={line.id}>
            <svg className={styles.sample} viewBox="0 0 32 4" aria-hidden="true">
              <path className={lineClass(line, index)} d="M1 2H31" />
            </svg>
            {line.text}
          </li>
        ))}
      </ul>
    </>
  );
}

function Times({ times }: { times: number[] }) {
  const { time, day } = useFormats();
  const [start = 0, end = 0] = [times[0], times.at(-1)];
  const write = end - start < DAY ? time : day;
  return (
    <div className={styles.times} aria-hidden="true">
      {spread(times, LABELS).map((at) => {
        const share = ((at - start) / (end - start)) * 100;
        // The first stands to the right of its place and the last to the left: none stands out.
        return (
          <span key={at} style={{ left: `${share}%`, transform: `translateX(${-share}%)` }}>
            {write(new Date(at))}
          </span>
        );
      })}
    </div>
  );
}

function lineClass({ id }: Series, index: number): string {
  const name = id === '' ? 'others' : (LINES[index] ?? 'others');
  return `${styles.line} ${styles[name]}`;
}

/** How far from the top, of 100. */
function height(votes: number, ticks: number[]): number {
  return 100 - (votes / (ticks.at(-1) ?? 1)) * 100;
}

function path({ votes }: Series, ticks: number[]): string {
  const width = 100 / (votes.length - 1);
  return `M${votes.map((count, index) => `${(index * width).toFixed(2)} ${height(count, ticks).toFixed(2)}`).join('L')}`;
}
