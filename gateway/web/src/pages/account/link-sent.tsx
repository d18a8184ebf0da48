import { useState } from 'react';
import { api } from '../../clients';
import { Alert } from '../../components/alert';
import { Button, ButtonLink } from '../../components/button';
import { useAction } from '../../hooks/use-action';
import { useMessages } from '../../hooks/use-messages';
import { account } from '../../messages/account';
import styles from './account.module.css';
import { OutcomeHeading } from './account-page';
import { AccountProblem } from './account-problem';

/** Says that the verification link was mailed, and mails it again. */
export function LinkSent({ email, signIn }: { email: string; signIn: string }) {
  const t = useMessages(account).sent;
  return (
    <>
      <OutcomeHeading>{t.title}</OutcomeHeading>
      <p>{t.text(email)}</p>
      <p className={styles.muted}>{t.nothing}</p>
      <SendAgain email={email} />
      <ButtonLink href={signIn}>{t.signIn}</ButtonLink>
    </>
  );
}

/** A button that mails the verification link again. */
export function SendAgain({ email }: { email: string }) {
  const t = useMessages(account).sent;
  const [isSent, setSent] = useState(false);
  const again = useAction(async () => {
    setSent(false);
    await api.mailVerification(email);
    setSent(true);
  });
  return (
    <>
      <Button busy={again.busy} onClick={() => again.run()}>
        {t.again}
      </Button>
      {isSent && <Alert tone="success">{t.sentAgain}</Alert>}
      <AccountProblem problem={again.problem} />
    </>
  );
}
