import { useRef, useState } from 'react';
import type { Status } from '../../client';
import { ButtonLink } from '../../components/button';
import { Card } from '../../components/card';
import { Page } from '../../components/page';
import { useAccount } from '../../hooks/use-account';
import { useMessages } from '../../hooks/use-messages';
import { useStored } from '../../hooks/use-stored';
import { polls as messages } from '../../messages/polls';
import { ownPolls } from '../../state/own-polls';
import { page } from '../../state/page';
import { AccountPolls } from './account-polls';
import { BrowserPolls } from './browser-polls';
import { FirstPoll } from './first-poll';
import styles from './polls-page.module.css';
import { useAccountPolls } from './use-account-polls';

/** One's own polls: the account's, and those that this browser made without one. */
export default function PollsPage() {
  const t = useMessages(messages);
  const { isSignedIn } = useAccount();
  const [said, say] = useState('');
  const heading = useRef<HTMLHeadingElement>(null);
  const gone = (text: string) => {
    heading.current?.focus();
    say(text);
  };
  const List = isSignedIn ? SignedIn : SignedOut;
  return (
    <Page title={t.title} width="wide">
      <h1 tabIndex={-1} ref={heading}>
        {t.title}
      </h1>
      <List say={say} gone={gone} />
      <p role="status" className="visually-hidden">
        {said}
      </p>
    </Page>
  );
}

interface ListProps {
  say: (text: string) => void;
  gone: (text: string) => void;
}

function SignedIn({ say, gone }: ListProps) {
  const [status, setStatus] = useState<Status>();
  const polls = useAccountPolls(status);
  const hasOwn = useStored(ownPolls).length > 0;
  return (
    <>
      <AccountPolls polls={polls} status={status} onStatus={setStatus} say={say} gone={gone} />
      {hasOwn && <BrowserPolls onClaimed={polls.reload} say={say} gone={gone} />}
    </>
  );
}

function SignedOut({ say, gone }: ListProps) {
  const t = useMessages(messages);
  const hasOwn = useStored(ownPolls).length > 0;
  return (
    <>
      {hasOwn ? (
        <BrowserPolls say={say} gone={gone} />
      ) : (
        <Card>
          <FirstPoll title={t.empty} />
        </Card>
      )}
      {page.accounts && (
        <Card>
          <p className={styles.muted}>{t.signedOut}</p>
          <div className={styles.actions}>
            <ButtonLink href="/sign-in" icon="user">
              {t.signIn}
            </ButtonLink>
          </div>
        </Card>
      )}
    </>
  );
}
