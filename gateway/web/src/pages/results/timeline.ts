import type { Question, Stats } from '../../client';

/** What moved in a minute: votes by choice, fewer than 0 where more were taken away than given. */
export type Minutes = ReadonlyMap<number, Record<string, number>>;

/** A line of the chart. */
export interface Series {
  /** A choice's id; empty for the choices that have no line of their own. */
  id: string;
  text: string;
  /** Votes at each of the timeline's times. */
  votes: number[];
}

/** Votes over time, at evenly spaced times. */
export interface Timeline {
  /** Milliseconds since 1970. */
  times: number[];
  /** In the poll's order. */
  series: Series[];
}

/** So many choices have a line of their own. */
const LINES = 6;
/** So many times there are at most: about one each two pixels of the chart. */
const TIMES = 240;
const MINUTE = 60_000;

/** `known` with a page of statistics, which replaces the minutes that both have. */
export function withPage(known: Minutes, { minutes }: Stats): Minutes {
  return new Map([...known, ...minutes.map(({ at, votes }) => [Date.parse(at), votes] as const)]);
}

/** How the question's choices gained votes until `end`; nothing where there are no votes. */
export function timeline(
  question: Question,
  minutes: Minutes,
  end: number,
  others: string,
): Timeline | undefined {
  const ids = new Set(question.choices.map(({ choice_id }) => choice_id));
  const moved = [...minutes]
    .filter(([, votes]) => Object.keys(votes).some((id) => ids.has(id)))
    .sort(([one], [other]) => one - other);
  const first = moved[0];
  if (!first) return undefined;
  const times = evenly(first[0], Math.max(end, (moved.at(-1)?.[0] ?? first[0]) + 1));
  const lines = question.choices.map(({ choice_id, text }) => ({
    id: choice_id,
    text,
    votes: accumulated(choice_id, moved, times),
  }));
  return { times, series: grouped(lines, others) };
}

/** Times from `start` to `end`, whole minutes apart, the last no earlier than `end`. */
function evenly(start: number, end: number): number[] {
  const span = Math.max(1, Math.ceil((end - start) / MINUTE));
  const step = Math.ceil(span / TIMES);
  return Array.from({ length: Math.ceil(span / step) + 1 }, (_, index) => start + index * step * MINUTE);
}

/** A choice's votes at each time: all of the minutes that were over by then. */
function accumulated(id: string, moved: [number, Record<string, number>][], times: number[]): number[] {
  let next = 0;
  let votes = 0;
  return times.map((time) => {
    for (let entry = moved[next]; entry && entry[0] + MINUTE <= time; entry = moved[++next]) {
      votes += entry[1][id] ?? 0;
    }
    return votes;
  });
}

/** The leading ones each, the others together. */
function grouped(lines: Series[], others: string): Series[] {
  if (lines.length <= LINES) return lines;
  const leaders = new Set(lines.toSorted((one, other) => last(other) - last(one)).slice(0, LINES));
  const rest = lines.filter((line) => !leaders.has(line));
  const sum = (index: number) => rest.reduce((total, { votes }) => total + (votes[index] ?? 0), 0);
  const votes = rest[0]?.votes.map((_, index) => sum(index)) ?? [];
  return [...lines.filter((line) => leaders.has(line)), { id: '', text: others, votes }];
}

function last({ votes }: Series): number {
  return votes.at(-1) ?? 0;
}
