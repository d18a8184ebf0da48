import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useAccount } from '../hooks/use-account';
import { useMessages } from '../hooks/use-messages';
import { common } from '../messages/common';
import { page } from '../state/page';
import { ButtonLink, IconButton } from './button';
import styles from './header.module.css';
import { Icon, type IconName } from './icon';

/** The way to the other pages. */
export function Header() {
  const t = useMessages(common);
  const { isSignedIn, me, signOut } = useAccount();
  const unread = me?.notifications.filter(({ read_at }) => !read_at).length ?? 0;
  return (
    <header className={styles.header}>
      <a href="#content" className={styles.skip}>
        {t.skip}
      </a>
      <Link href="/" className={styles.brand}>
        <img src="/favicon.svg" alt="" width="32" height="32" />
        {t.appName}
      </Link>
      <nav aria-label={t.nav} className={styles.nav}>
        <NavLink href="/polls" icon="chart" label={t.myPolls} />
        {isSignedIn && (
          <NavLink href="/notifications" icon="bell" label={t.notifications}>
            {unread > 0 && (
              <span className={styles.count}>
                <span aria-hidden="true">{t.number(unread)}</span>
                <span className="visually-hidden">{t.unread(unread)}</span>
              </span>
            )}
          </NavLink>
        )}
        {isSignedIn && (
          <IconButton icon="exit" label={t.signOut} onClick={signOut} className={styles.wide ?? ''} />
        )}
        {!isSignedIn && page.accounts && <NavLink href="/sign-in" icon="user" label={t.signIn} />}
        <ButtonLink href="/new" variant="primary" icon="plus" className={styles.create ?? ''}>
          <span className={styles.label}>{t.create}</span>
        </ButtonLink>
      </nav>
    </header>
  );
}

interface NavLinkProps {
  href: string;
  icon: IconName;
  label: string;
  children?: ReactNode;
}

function NavLink({ href, icon, label, children }: NavLinkProps) {
  const [location] = useLocation();
  return (
    <Link
      href={href}
      className={styles.link}
      aria-current={location === href ? 'page' : undefined}
      title={label}
    >
      <Icon name={icon} />
      <span className={styles.label}>{label}</span>
      {children}
    </Link>
  );
}
