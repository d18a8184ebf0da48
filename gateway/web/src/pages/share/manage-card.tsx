import { useRef, useState } from 'react';
import type { Poll } from '../../client';
import { Alert } from '../../components/alert';
import { ButtonLink } from '../../components/button';
import { Card } from '../../components/card';
import { ClaimButton } from '../../components/manage/claim-button';
import { CloseButton } from '../../components/manage/close-button';
import { useAccount } from '../../hooks/use-account';
import { useMessages } from '../../hooks/use-messages';
import { useStored } from '../../hooks/use-stored';
import { share } from '../../messages/share';
import { ownPolls } from '../../state/own-polls';
import { page } from '../../state/page';
import styles from './share-page.module.css';

interface ManageCardProps {
  poll: Poll;
  onClosed: (closed: Poll) => void;
}

/** What the maker of the poll does with it besides; nothing for who holds no right to it here. */
export function ManageCard({ poll, onClosed }: ManageCardProps) {
  const t = useMessages(share);
  const { isSignedIn } = useAccount();
  const isOwn = useStored(ownPolls).some(({ pollId }) => pollId === poll.poll_id);
  const heading = useRef<HTMLHeadingElement>(null);
  const [isClaimed, setClaimed] = useState(false);
  if (!poll.manages) return null;
  const isOver = poll.status === 'closed' || poll.status === 'archived';
  return (
    <Card>
      <h2 ref={heading} tabIndex={-1} className={styles.heading}>
        {t.manage}
      </h2>
      {isOwn && !isSignedIn && <OnlyHere poll={poll} />}
      {isOwn && isSignedIn && (
        <div className={styles.actions}>
          <p>{t.claimHint}</p>
          <ClaimButton
            poll={poll}
            onDone={() => {
              // The button goes, and the focus with it.
              heading.current?.focus();
              setClaimed(true);
            }}
          />
        </div>
      )}
      {isClaimed && <Alert tone="success">{t.claimed}</Alert>}
      {isOver && <Alert>{t.closed}</Alert>}
      <div className={styles.actions}>
        <ButtonLink href="/polls" icon="chart">
          {t.myPolls}
        </ButtonLink>
        {!isOver && (
          <CloseButton
            poll={poll}
            onDone={(closed) => {
              heading.current?.focus();
              onClosed(closed);
            }}
          />
        )}
      </div>
    </Card>
  );
}

/** The poll's manage token is in this browser, and nowhere else. */
function OnlyHere({ poll }: { poll: Poll }) {
  const t = useMessages(share);
  if (!page.accounts) return <Alert>{t.onlyHere}</Alert>;
  return (
    <>
      <Alert>{t.onlyHereOrAccount}</Alert>
      <ButtonLink href={`/sign-in?next=/p/${poll.slug}/share`} icon="user" className={styles.start ?? ''}>
        {t.signIn}
      </ButtonLink>
    </>
  );
}
