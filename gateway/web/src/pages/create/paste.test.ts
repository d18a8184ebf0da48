import { expect, test } from 'vitest';
import { pastedLines } from './paste';

const field = (value: string, selectionStart = value.length, selectionEnd = selectionStart) => ({
  value,
  selectionStart,
  selectionEnd,
});

test('each line is an option, blank ones are none', () => {
  expect(pastedLines(field(''), ' Thai\r\n\n  Pizza \nSoup\n')).toEqual(['Thai', 'Pizza', 'Soup']);
});

test('the selection gives way to what is pasted, the rest stays around it', () => {
  expect(pastedLines(field('No xx!', 3, 5), 'pizza\nsoup')).toEqual(['No pizza', 'soup!']);
});

test('a single line is left to the browser', () => {
  expect(pastedLines(field(''), 'Thai\n')).toHaveLength(1);
});
