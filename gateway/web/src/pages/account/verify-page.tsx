import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../clients';
import { Button, ButtonLink } from '../../components/button';
import { Loading } from '../../components/loading';
import { useAccount } from '../../hooks/use-account';
import { useAction } from '../../hooks/use-action';
import { useMessages } from '../../hooks/use-messages';
import { account } from '../../messages/account';
import { common } from '../../messages/common';
import styles from './account.module.css';
import { AccountPage, OutcomeHeading } from './account-page';
import { AccountProblem } from './account-problem';
import { MailForm } from './mail-form';
import { clearAddress, tokenInAddress } from './token';

/** Verifies an e-mail address, by the token of a mailed link. Scanners of mails open links too, but run no script. */
export default function VerifyPage() {
  const t = useMessages(account).verify;
  const [token] = useState(tokenInAddress);
  useEffect(clearAddress, []);
  return <AccountPage title={t.title}>{token ? <Verification token={token} /> : <BadLink />}</AccountPage>;
}

function Verification({ token }: { token: string }) {
  const t = useMessages(account).verify;
  const { retry } = useMessages(common);
  const { isSignedIn, reload } = useAccount();
  const [isDone, setDone] = useState(false);
  const { run, busy, problem } = useAction(async () => {
    await api.verifyEmail(token);
    setDone(true);
    if (isSignedIn) reload();
  });
  useOnce(run);

  if (isDone) return <Done />;
  if (problem?.fields.has('token')) return <BadLink />;
  return (
    <>
      <h1>{t.title}</h1>
      {problem ? (
        <>
          <AccountProblem problem={problem} />
          <Button variant="primary" busy={busy} onClick={() => run()}>
            {retry}
          </Button>
        </>
      ) : (
        <>
          <p>{t.working}</p>
          <Loading lines={1} />
        </>
      )}
    </>
  );
}

/** Does it when the component appears, once: a token is good for one time. */
function useOnce(work: () => Promise<unknown>): void {
  const isStarted = useRef(false);
  useEffect(() => {
    if (isStarted.current) return;
    isStarted.current = true;
    void work();
  });
}

function Done() {
  const t = useMessages(account).verify;
  const { isSignedIn, signOut } = useAccount();
  const [, navigate] = useLocation();
  const signInAgain = () => {
    signOut();
    navigate('/sign-in');
  };
  return (
    <>
      <OutcomeHeading>{t.doneTitle}</OutcomeHeading>
      <p>{isSignedIn ? t.doneSignedIn : t.done}</p>
      {isSignedIn ? (
        <Button variant="primary" onClick={signInAgain}>
          {t.signInAgain}
        </Button>
      ) : (
        <ButtonLink href="/sign-in" variant="primary">
          {t.signIn}
        </ButtonLink>
      )}
    </>
  );
}

function BadLink() {
  const t = useMessages(account).verify;
  return (
    <>
      <OutcomeHeading>{t.badTitle}</OutcomeHeading>
      <p>{t.bad}</p>
      <MailForm submit={t.submit} send={(email) => api.mailVerification(email)} sent={t.sent} />
      <div className={styles.actions}>
        <ButtonLink href="/sign-in">{t.signIn}</ButtonLink>
      </div>
    </>
  );
}
