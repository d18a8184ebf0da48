// @vitest-environment happy-dom
import { render } from '@testing-library/react';
import { Suspense } from 'react';
import { expect, test, vi } from 'vitest';
import { lazyPage } from './lazy-page';

const module = { default: ({ name }: { name: string }) => <p>{name}</p> };

test('a page that was loaded shows at once', async () => {
  const { Page, load } = lazyPage(async () => module);
  await load();
  const { container } = render(
    <Suspense fallback="not yet">
      <Page name="lunch" />
    </Suspense>,
  );
  expect(container.textContent).toBe('lunch');
});

test('a page that was not comes when it is shown', async () => {
  const load = vi.fn(async () => module);
  const { Page } = lazyPage(load);
  expect(load).not.toHaveBeenCalled();
  const { container } = render(
    <Suspense fallback="not yet">
      <Page name="lunch" />
    </Suspense>,
  );
  expect(container.textContent).toBe('not yet');
  await vi.waitFor(() => expect(container.textContent).toBe('lunch'));
});
