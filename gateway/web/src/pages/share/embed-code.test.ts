// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { embedCode } from './embed-code';

const poll = { url: 'https://polls.example/p/k3mq8xyz', slug: 'k3mq8xyz' };

test('the frame shows the small page of the same server', () => {
  expect(embedCode({ ...poll, title: 'Lunch?' })).toBe(
    '<iframe src="https://polls.example/embed/k3mq8xyz" width="100%" height="480" style="border:0" title="Lunch?"></iframe>',
  );
});

test('no title gets out of its attribute', () => {
  const title = '"><script>alert(1)</script> & more';
  const holder = document.createElement('div');
  holder.innerHTML = embedCode({ ...poll, title });
  expect(holder.children).toHaveLength(1);
  expect(holder.querySelector('iframe')?.title).toBe(title);
});
