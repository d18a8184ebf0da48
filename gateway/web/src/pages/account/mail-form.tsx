import { useState } from 'react';
import { Alert } from '../../components/alert';
import { Button } from '../../components/button';
import styles from './account.module.css';
import { AccountProblem } from './account-problem';
import { EmailField } from './fields';
import { emailFault } from './rules';
import { useAccountForm } from './use-account-form';

interface MailFormProps {
  /** What the button says. */
  submit: string;
  send: (email: string) => Promise<void>;
  /** What is said afterwards: the same whether there is such an account or not. */
  sent: (email: string) => string;
}

/** Asks for an e-mail address to mail a link to. */
export function MailForm({ submit, send, sent }: MailFormProps) {
  const [email, setEmail] = useState<string>();
  const { faults, problem, busy, props } = useAccountForm(
    ({ email = '' }) => ({ email: emailFault(email) }),
    async (values) => {
      const email = values.email?.trim() ?? '';
      setEmail(undefined);
      await send(email);
      setEmail(email);
    },
  );
  return (
    <form className={styles.form} {...props}>
      <EmailField fault={faults.email} />
      <AccountProblem problem={problem} />
      {email && <Alert tone="success">{sent(email)}</Alert>}
      <Button type="submit" variant="primary" wide busy={busy}>
        {submit}
      </Button>
    </form>
  );
}
