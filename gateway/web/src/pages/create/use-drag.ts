import { type PointerEvent as ReactPointerEvent, type RefObject, useState } from 'react';

interface Drag {
  /** The position of what is being dragged. */
  dragged: number | undefined;
  start: (event: ReactPointerEvent, position: number) => void;
}

/** Lets the items of a list be dragged up and down; `onMove` is called whenever one passes another. */
export function useDrag(
  list: RefObject<HTMLElement | null>,
  onMove: (from: number, to: number) => void,
): Drag {
  const [dragged, setDragged] = useState<number>();
  const start = (event: ReactPointerEvent, position: number) => {
    if (event.button !== 0) return;
    // Else it would mark text.
    event.preventDefault();
    let at = position;
    setDragged(at);
    const ended = new AbortController();
    const options = { signal: ended.signal };
    const end = () => {
      ended.abort();
      setDragged(undefined);
    };
    addEventListener(
      'pointermove',
      ({ clientY }) => {
        const to = positionAt(list.current, at, clientY);
        if (to === at) return;
        onMove(at, to);
        at = to;
        setDragged(at);
      },
      options,
    );
    addEventListener('pointerup', end, options);
    addEventListener('pointercancel', end, options);
  };
  return { dragged, start };
}

/** Where the item at `dragged` belongs at this height of the window: after all others whose middle is above it. */
function positionAt(list: HTMLElement | null, dragged: number, y: number): number {
  const others = [...(list?.children ?? [])].filter((_, position) => position !== dragged);
  return others
    .map((item) => item.getBoundingClientRect())
    .filter(({ top, bottom }) => (top + bottom) / 2 < y).length;
}
