import type { Page } from 'playwright-core';

/** What reaches beyond the window's width. */
export function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1,
    );
    return [`${scrollWidth} px wide`, ...wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 200))];
  });
}

/** What is smaller than 24 by 24 pixels (WCAG 2.2, 2.5.8). Links within a text are exempt there. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = document.querySelectorAll<HTMLElement>('a, button, input, select, textarea, summary');
    const isInText = (element: HTMLElement) =>
      element.tagName === 'A' && getComputedStyle(element).display === 'inline';
    return [...controls]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !isInText(element))
      .filter((element) => !element.closest('[inert], [aria-hidden="true"]'))
      .map((element) => ({ element, box: (element.closest('label') ?? element).getBoundingClientRect() }))
      .filter(({ box }) => box.width < 24 || box.height < 24)
      .map(({ element, box }) => `${box.width} x ${box.height}: ${element.outerHTML.slice(0, 200)}`);
  });
}
