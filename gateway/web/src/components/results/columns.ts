import type { Choice } from '../../client';

/** So many rows a column are read with ease across a room. */
const ROWS = 8;
const COLUMNS = 4;
/** About so many letters fit on a line. */
const LINE = 18;
/** Heights in em: a line of text, and what else a row has with and without a line of its own for the votes. */
const LINE_HEIGHT = 1.3;
const REST_HEIGHT = 2.7;
const DENSE_HEIGHT = 1.65;

/** How large rows are arranged so that they fill a screen and fit on it. */
export interface Columns {
  /** Many rows do without their numbers of votes. */
  isDense: boolean;
  style: { '--columns': number; '--rows': number; '--height': number };
}

/** The arrangement of so many choices: see the style sheet. */
export function columns(choices: Choice[]): Columns {
  const count = Math.min(COLUMNS, Math.ceil(choices.length / ROWS));
  const rows = Math.ceil(choices.length / count);
  const isDense = count > 2;
  const rest = isDense ? DENSE_HEIGHT : REST_HEIGHT;
  const heights = choices.map(({ text }) => rest + Math.ceil(text.length / LINE) * LINE_HEIGHT);
  // A row across all columns is as high as its highest.
  const height = Array.from({ length: rows }, (_, row) =>
    Math.max(...heights.filter((_, index) => index % rows === row)),
  ).reduce((sum, row) => sum + row, 0);
  return { isDense, style: { '--columns': count, '--rows': rows, '--height': height } };
}
