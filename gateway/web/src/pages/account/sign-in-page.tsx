import { Link, Redirect, useSearch } from 'wouter';
import { api } from '../../clients';
import { Alert } from '../../components/alert';
import { Button } from '../../components/button';
import { useAccount } from '../../hooks/use-account';
import { useMessages } from '../../hooks/use-messages';
import { account } from '../../messages/account';
import { signedIn } from '../../state/session';
import styles from './account.module.css';
import { AccountPage } from './account-page';
import { AccountProblem } from './account-problem';
import { EmailField, PasswordField } from './fields';
import { nextIn, withNext } from './next';
import { emailFault } from './rules';
import { useAccountForm } from './use-account-form';

/** Signs in, and goes on to the page that `next` names. */
export default function SignInPage() {
  const t = useMessages(account);
  const next = nextIn(useSearch());
  const { isSignedIn } = useAccount();
  if (isSignedIn) return <Redirect to={next} replace />;
  return (
    <AccountPage title={t.signIn.title}>
      <h1>{t.signIn.title}</h1>
      <SignInForm />
      <div className={styles.links}>
        <Link href="/forgot-password">{t.signIn.forgot}</Link>
        <span className={styles.pair}>
          <span className={styles.muted}>{t.signIn.noAccount}</span>
          <Link href={withNext('/sign-up', next)}>{t.signIn.signUp}</Link>
        </span>
      </div>
    </AccountPage>
  );
}

function SignInForm() {
  const t = useMessages(account);
  const { faults, problem, busy, props } = useAccountForm(
    ({ email = '', password }) => ({ email: emailFault(email), password: password ? undefined : 'missing' }),
    async ({ email = '', password = '' }) => signedIn(await api.signIn(email.trim(), password)),
  );
  return (
    <form className={styles.form} {...props}>
      <EmailField fault={faults.email} isLogin />
      <PasswordField fault={faults.password} label={t.password} autoComplete="current-password" />
      {problem?.status === 401 ? (
        <Alert tone="danger">{t.signIn.wrong}</Alert>
      ) : (
        <AccountProblem problem={problem} />
      )}
      <Button type="submit" variant="primary" wide busy={busy}>
        {t.signIn.submit}
      </Button>
    </form>
  );
}
