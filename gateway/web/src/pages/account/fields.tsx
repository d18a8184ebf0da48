import { type ReactNode, useState } from 'react';
import { CheckField, TextField } from '../../components/field';
import { useMessages } from '../../hooks/use-messages';
import { account } from '../../messages/account';
import styles from './account.module.css';
import type { Fault } from './rules';

interface FieldProps {
  fault: Fault | undefined;
}

/** The text of a fault. */
function useFault(fault: Fault | undefined): string | undefined {
  const { faults } = useMessages(account);
  return fault && faults[fault];
}

/**
 * An e-mail address. It is what accounts are signed in with, so password managers are to keep it where `isLogin`.
 */
export function EmailField({ fault, isLogin = false }: FieldProps & { isLogin?: boolean }) {
  const t = useMessages(account);
  return (
    <TextField
      name="email"
      label={t.email}
      error={useFault(fault)}
      // Not `type="email"`: some browsers rewrite domains beyond ASCII there, and the server would see two accounts.
      inputMode="email"
      autoComplete={isLogin ? 'username' : 'email'}
      autoCapitalize="none"
      spellCheck={false}
      required
    />
  );
}

/** A username, to be chosen. */
export function UsernameField({ fault }: FieldProps) {
  const t = useMessages(account);
  return (
    <TextField
      name="username"
      label={t.username}
      hint={t.usernameHint}
      error={useFault(fault)}
      // What others see; signing in asks for the e-mail address.
      autoComplete="nickname"
      autoCapitalize="none"
      spellCheck={false}
      required
    />
  );
}

interface PasswordFieldProps extends FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  autoComplete: 'current-password' | 'new-password';
}

/** A password, that can be looked at. */
export function PasswordField({ fault, ...rest }: PasswordFieldProps) {
  const t = useMessages(account);
  const [isShown, setShown] = useState(false);
  return (
    <div className={styles.password}>
      <TextField
        name="password"
        type={isShown ? 'text' : 'password'}
        error={useFault(fault)}
        autoCapitalize="none"
        spellCheck={false}
        required
        {...rest}
      />
      <CheckField
        label={t.showPassword}
        checked={isShown}
        onChange={(event) => setShown(event.target.checked)}
      />
    </div>
  );
}
