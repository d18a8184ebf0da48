import { expect, test } from 'vitest';
import { columns } from './columns';

const choices = (texts: string[]) => texts.map((text) => ({ choice_id: text, text }));
const short = (count: number) => choices(Array.from({ length: count }, (_, index) => `City ${index}`));

test('few choices stand below one another', () => {
  const { isDense, style } = columns(short(8));
  expect([isDense, style['--columns'], style['--rows']]).toEqual([false, 1, 8]);
});

test('50 choices stand in columns, without a line of their own for the votes', () => {
  const { isDense, style } = columns(short(50));
  expect([isDense, style['--columns'], style['--rows']]).toEqual([true, 4, 13]);
});

test('every choice has a place', () => {
  for (let count = 2; count <= 50; count++) {
    const { style } = columns(short(count));
    expect(style['--columns'] * style['--rows']).toBeGreaterThanOrEqual(count);
  }
});

test('a long text makes its row higher', () => {
  const long = columns(choices(['Pizza at the little place round the corner', 'Thai'])).style['--height'];
  expect(long).toBeGreaterThan(columns(choices(['Pizza', 'Thai'])).style['--height']);
});
