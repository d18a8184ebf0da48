import { useEffect, useState } from 'react';
import type { Problem } from '../../client';
import { api } from '../../clients';
import { Button, ButtonLink } from '../../components/button';
import { useMessages } from '../../hooks/use-messages';
import { account } from '../../messages/account';
import styles from './account.module.css';
import { AccountPage, OutcomeHeading } from './account-page';
import { AccountProblem } from './account-problem';
import { PasswordField } from './fields';
import { MailForm } from './mail-form';
import { passwordFault } from './rules';
import { clearAddress, tokenInAddress } from './token';
import { useAccountForm } from './use-account-form';

/** Sets a new password, by the token of a mailed link. */
export default function ResetPasswordPage() {
  const t = useMessages(account).reset;
  const [token] = useState(tokenInAddress);
  useEffect(clearAddress, []);
  return <AccountPage title={t.title}>{token ? <Reset token={token} /> : <BadLink />}</AccountPage>;
}

function Reset({ token }: { token: string }) {
  const t = useMessages(account);
  const [isDone, setDone] = useState(false);
  const { faults, problem, busy, props } = useAccountForm(
    ({ password = '' }) => ({ password: passwordFault(password) }),
    async ({ password = '' }) => {
      await api.resetPassword(token, password);
      setDone(true);
    },
  );
  if (isDone) return <Done />;
  if (isBadLink(problem)) return <BadLink />;
  return (
    <>
      <h1>{t.reset.title}</h1>
      <form className={styles.form} {...props}>
        <PasswordField
          fault={faults.password}
          label={t.newPassword}
          hint={t.passwordHint}
          autoComplete="new-password"
        />
        <AccountProblem problem={problem} />
        <Button type="submit" variant="primary" wide busy={busy}>
          {t.reset.submit}
        </Button>
      </form>
    </>
  );
}

function Done() {
  const t = useMessages(account).reset;
  return (
    <>
      <OutcomeHeading>{t.doneTitle}</OutcomeHeading>
      <p>{t.done}</p>
      <ButtonLink href="/sign-in" variant="primary">
        {t.signIn}
      </ButtonLink>
    </>
  );
}

function BadLink() {
  const { reset, forgot } = useMessages(account);
  return (
    <>
      <OutcomeHeading>{reset.badTitle}</OutcomeHeading>
      <p>{reset.bad}</p>
      <MailForm submit={forgot.submit} send={(email) => api.mailPasswordReset(email)} sent={forgot.sent} />
    </>
  );
}

function isBadLink(problem: Problem | undefined): boolean {
  return problem?.fields.has('token') ?? false;
}
