import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** More steps than any page here takes from its start to its end. */
const MOST_STEPS = 80;

/** Presses a key; the focus is somewhere afterwards, and to be seen. */
export async function press(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await expectFocus(page, `after ${key}`);
}

/** Goes on by Tab to this control. */
export async function tabTo(page: Page, control: Locator): Promise<void> {
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (await isFocused(control)) return;
    await press(page, 'Tab');
  }
  throw new Error(`Tab does not lead to ${control}`);
}

/** Waits until the control has the focus. */
export async function expectFocused(control: Locator): Promise<void> {
  await expect.poll(() => isFocused(control)).toBe(true);
}

/** The focus is on a control or heading of the page, not lost to its body, and marked. */
async function expectFocus(page: Page, when: string): Promise<void> {
  await expect.poll(() => page.evaluate(focusState), { message: when }).toMatch(/^marked/);
}

async function isFocused(control: Locator): Promise<boolean> {
  return (await control.count()) > 0 && control.evaluate((element) => element === document.activeElement);
}

/** Runs in the page. */
function focusState(): string {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return 'lost';
  // What a hidden input stands for, its label, shows its focus.
  const shown = [focused, ...(focused.closest('label') ? [focused.closest('label') as Element] : [])];
  const isMarked = shown.some((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
  });
  // A page's own heading is focused to be read out: it can't be operated.
  return isMarked || focused.getAttribute('tabindex') === '-1' ? 'marked' : `unmarked: ${focused.outerHTML}`;
}
