import { type RefObject, useEffect } from 'react';

/** What the page around is told, for it to make the frame as high. Anybody may know it. */
export interface HeightMessage {
  type: 'pollster:height';
  poll: string;
  /** In CSS pixels. */
  height: number;
}

/** Tells the page around how high the element is, whenever that changes. */
export function useReportedHeight(element: RefObject<HTMLElement | null>, poll: string): void {
  useEffect(() => {
    const measured = element.current;
    if (!measured || parent === window) return;
    const observer = new ResizeObserver(() => {
      const height = Math.ceil(measured.getBoundingClientRect().height);
      const message: HeightMessage = { type: 'pollster:height', poll, height };
      parent.postMessage(message, '*');
    });
    observer.observe(measured);
    return () => observer.disconnect();
  }, [element, poll]);
}
