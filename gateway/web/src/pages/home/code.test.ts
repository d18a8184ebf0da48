import { expect, test } from 'vitest';
import { codeIn } from './code';

test.each([
  ['a code', 'k3mq8xyz', 'k3mq8xyz'],
  ['capitals, as phones type them', ' K3MQ8xyz ', 'k3mq8xyz'],
  ['spaces between', 'k3mq 8xyz', 'k3mq8xyz'],
  ['a link', 'https://polls.example/p/k3mq8xyz', 'k3mq8xyz'],
  ['a link to the results', 'https://polls.example/p/k3mq8xyz/results?x=1#top', 'k3mq8xyz'],
  ['a link without its scheme', 'polls.example/p/K3mq8xyz', 'k3mq8xyz'],
  ['the link of a frame', 'https://polls.example/embed/k3mq8xyz', 'k3mq8xyz'],
  ['nothing', '  ', ''],
])('the code is found in %s', (_, text, code) => {
  expect(codeIn(text)).toBe(code);
});
