import { Link } from 'wouter';
import { api } from '../../clients';
import { useMessages } from '../../hooks/use-messages';
import { account } from '../../messages/account';
import styles from './account.module.css';
import { AccountPage } from './account-page';
import { MailForm } from './mail-form';

/** Mails a link to choose a new password. */
export default function ForgotPasswordPage() {
  const t = useMessages(account).forgot;
  return (
    <AccountPage title={t.title}>
      <h1>{t.title}</h1>
      <p className={styles.muted}>{t.text}</p>
      <MailForm submit={t.submit} send={(email) => api.mailPasswordReset(email)} sent={t.sent} />
      <div className={styles.links}>
        <Link href="/sign-in">{t.signIn}</Link>
      </div>
    </AccountPage>
  );
}
