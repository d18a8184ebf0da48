/** Outlines on a grid of 24, drawn with strokes. */
const PATHS = {
  plus: 'M12 5v14M5 12h14',
  up: 'm6 15 6-6 6 6',
  down: 'm6 9 6 6 6-6',
  left: 'm15 6-6 6 6 6',
  right: 'm9 6 6 6-6 6',
  trash: 'M4 7h16M9 7V4h6v3m-8 0 1 13h8l1-13M10 11v5m4-5v5',
  grip: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'm5 12.5 5 5L19.5 7',
  cross: 'M6 6l12 12M18 6 6 18',
  share: 'M12 15V4m0 0L8 8m4-4 4 4M5 13v7h14v-7',
  chart: 'M5 20v-8m7 8V4m7 16v-5',
  clock: 'M12 7v5l3 2m6-2a9 9 0 1 1-18 0 9 9 0 0 1 18 0',
  screen: 'M3 5h18v11H3zM8 20h8m-4-4v4',
  code: 'm8 8-4 4 4 4m8-8 4 4-4 4',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2',
  bell: 'M6 10a6 6 0 1 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7m4 10a2.2 2.2 0 0 0 4 0',
  sun: 'M12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0',
  moon: 'M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5',
  device: 'M4 5h16v11H4zM2 20h20',
  globe:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18m0 0c3 2.5 4 5.5 4 9s-1 6.5-4 9c-3-2.5-4-5.5-4-9s1-6.5 4-9M3.5 9h17m-17 6h17',
  user: 'M16 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0M4.5 21c0-4 3.4-6.5 7.5-6.5s7.5 2.5 7.5 6.5',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  download: 'M12 4v11m0 0 4-4m-4 4-4-4M5 20h14',
  expand: 'M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5',
  info: 'M12 11v5m0-8.5v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0',
  warning: 'M12 9v5m0 3v.01M10.3 4 2.7 18a2 2 0 0 0 1.7 3h15.2a2 2 0 0 0 1.7-3L13.7 4a2 2 0 0 0-3.4 0',
  eye: 'M2.5 12S6 5 12 5s9.500 7 9.500 7-3.500 7-9.500 7-9.500-7-9.500-7m12.500 0a3 3 0 1 1-6 0 3 3 0 0 1 6 0',
  crown: 'M4 18h16l1.5-10.5-5.5 4L12 5l-4 6.5-5.5-4z',
  exit: 'M14 4H5v16h9m2-4 4-4-4-4m4 4H10',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a text that says the same: assistive technology passes over it. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
