import type { ReactNode } from 'react';
import { ButtonLink } from '../../components/button';
import { Card } from '../../components/card';
import { Page } from '../../components/page';
import { useMessages } from '../../hooks/use-messages';
import { account } from '../../messages/account';
import { common } from '../../messages/common';
import { page } from '../../state/page';
import styles from './account.module.css';

/** A page of accounts; says why there are none where an identity provider keeps them. */
export function AccountPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Page title={title}>
      <Card>{page.accounts ? children : <Elsewhere />}</Card>
    </Page>
  );
}

function Elsewhere() {
  const t = useMessages(account).elsewhere;
  const { create, home } = useMessages(common);
  return (
    <>
      <h1>{t.title}</h1>
      <p>{t.text}</p>
      <div className={styles.actions}>
        <ButtonLink href="/new" variant="primary" icon="plus">
          {create}
        </ButtonLink>
        <ButtonLink href="/">{home}</ButtonLink>
      </div>
    </>
  );
}

/** The heading of what came of a form or a link, in its place: it gets the focus, so that it is read out. */
export function OutcomeHeading({ children }: { children: ReactNode }) {
  return (
    <h1 tabIndex={-1} ref={focus}>
      {children}
    </h1>
  );
}

function focus(element: HTMLElement | null): void {
  element?.focus();
}
