import { useState } from 'react';
import { Link, Redirect, useSearch } from 'wouter';
import { api } from '../../clients';
import { Button } from '../../components/button';
import { useAccount } from '../../hooks/use-account';
import { useMessages } from '../../hooks/use-messages';
import { account } from '../../messages/account';
import styles from './account.module.css';
import { AccountPage } from './account-page';
import { AccountProblem } from './account-problem';
import { EmailField, PasswordField, UsernameField } from './fields';
import { LinkSent } from './link-sent';
import { nextIn, withNext } from './next';
import { emailFault, passwordFault, usernameFault } from './rules';
import { useAccountForm } from './use-account-form';

/** Makes an account. */
export default function SignUpPage() {
  const t = useMessages(account);
  const next = nextIn(useSearch());
  const { isSignedIn } = useAccount();
  const [email, setEmail] = useState<string>();
  if (isSignedIn) return <Redirect to={next} replace />;
  return (
    <AccountPage title={t.signUp.title}>
      {email ? (
        <LinkSent email={email} signIn={withNext('/sign-in', next)} />
      ) : (
        <>
          <h1>{t.signUp.title}</h1>
          <p className={styles.muted}>{t.signUp.text}</p>
          <SignUpForm onDone={setEmail} />
          <div className={styles.links}>
            <span className={styles.pair}>
              <span className={styles.muted}>{t.signUp.hasAccount}</span>
              <Link href={withNext('/sign-in', next)}>{t.signUp.signIn}</Link>
            </span>
          </div>
        </>
      )}
    </AccountPage>
  );
}

function SignUpForm({ onDone }: { onDone: (email: string) => void }) {
  const t = useMessages(account);
  const { faults, problem, busy, props } = useAccountForm(
    ({ username = '', email = '', password = '' }) => ({
      username: usernameFault(username),
      email: emailFault(email),
      password: passwordFault(password, [email, username]),
    }),
    async ({ username = '', email = '', password = '' }) => {
      const names = { email: email.trim(), username: username.trim() };
      await api.register({ ...names, password });
      onDone(names.email);
    },
  );
  return (
    <form className={styles.form} {...props}>
      <UsernameField fault={faults.username} />
      {/* Right before the password: password managers without better knowledge keep the field that stands there. */}
      <EmailField fault={faults.email} />
      <PasswordField
        fault={faults.password}
        label={t.password}
        hint={t.passwordHint}
        autoComplete="new-password"
      />
      <AccountProblem problem={problem} />
      <Button type="submit" variant="primary" wide busy={busy}>
        {t.signUp.submit}
      </Button>
    </form>
  );
}
