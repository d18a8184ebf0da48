import { type ReactNode, useEffect } from 'react';
import { useArrival } from '../hooks/use-arrival';
import { useMessages } from '../hooks/use-messages';
import { common } from '../messages/common';
import styles from './page.module.css';

interface PageProps {
  /** In the window's title. */
  title: string;
  /** As wide as a voting card, or more. */
  width?: 'card' | 'wide';
  children: ReactNode;
}

/** What stands between header and footer; it holds one `h1`. */
export function Page({ title, width = 'card', children }: PageProps) {
  const main = useArrival();
  useTitle(title);
  return (
    <main
      ref={main}
      id="content"
      tabIndex={-1}
      className={`${styles.page} ${width === 'wide' ? styles.wide : styles.card}`}
    >
      {children}
    </main>
  );
}

/** Names the window after the page. */
export function useTitle(title: string): void {
  const { appName } = useMessages(common);
  useEffect(() => {
    document.title = title === appName ? appName : `${title} · ${appName}`;
  }, [title, appName]);
}
