import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Me } from '../../client';
import { api } from '../../clients';
import { Badge } from '../../components/badge';
import { Button } from '../../components/button';
import { Card } from '../../components/card';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { useAccount } from '../../hooks/use-account';
import { useMessages } from '../../hooks/use-messages';
import { common } from '../../messages/common';
import { notifications } from '../../messages/notifications';
import { accessToken } from '../../state/session';
import { SendAgain } from '../account/link-sent';
import styles from './notifications.module.css';

/** The account that is signed in, and the ways out of it. */
export function AccountCard({ me }: { me: Me }) {
  const t = useMessages(notifications).account;
  const { signOut: signOutText } = useMessages(common);
  const { signOut } = useAccount();
  const [, navigate] = useLocation();
  const leave = () => {
    navigate('/');
    signOut();
  };
  return (
    <Card>
      <h2>{t.title}</h2>
      <dl className={styles.facts}>
        {me.username && <Fact name={t.username} value={me.username} />}
        {me.email && <Fact name={t.email} value={me.email} />}
      </dl>
      <Verification me={me} />
      <div className={styles.actions}>
        <Button icon="exit" onClick={leave}>
          {signOutText}
        </Button>
        <LeaveButton onDone={leave} />
      </div>
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className={styles.muted}>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Verification({ me: { verified, email } }: { me: Me }) {
  const t = useMessages(notifications).account;
  if (verified) {
    return (
      <p>
        <Badge tone="success" dot>
          {t.verified}
        </Badge>
      </p>
    );
  }
  return (
    <div className={styles.verification}>
      <p>
        <Badge tone="warning" dot>
          {t.unverified}
        </Badge>
      </p>
      <p className={styles.muted}>{t.unverifiedHint}</p>
      {email && <SendAgain email={email} />}
    </div>
  );
}

function LeaveButton({ onDone }: { onDone: () => void }) {
  const t = useMessages(notifications).account;
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button variant="ghost" icon="trash" onClick={() => setAsking(true)}>
        {t.leave}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t.leaveTitle}
          confirm={t.leave}
          run={() => api.deleteMe({ accessToken: accessToken() })}
          onDone={onDone}
          onCancel={() => setAsking(false)}
        >
          <p>{t.leaveNotifications}</p>
          <p>{t.leaveVotes}</p>
          <p>{t.leavePolls}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
