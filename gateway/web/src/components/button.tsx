import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link } from 'wouter';
import styles from './button.module.css';
import { Icon, type IconName } from './icon';

type Variant = 'primary' | 'secondary' | 'ghost' | 'danger';

interface Look {
  variant?: Variant;
  /** As wide as what it stands in. */
  wide?: boolean;
  icon?: IconName;
}

type ButtonProps = Look &
  ButtonHTMLAttributes<HTMLButtonElement> & {
    /** Shows that it is at work; it does nothing meanwhile. */
    busy?: boolean;
  };

function classes({ variant = 'secondary', wide }: Look, ...more: (string | undefined)[]): string {
  return [styles.button, styles[variant], wide && styles.wide, ...more].filter(Boolean).join(' ');
}

/** A button; `type="submit"` sends the form it stands in. */
export function Button({
  variant,
  wide,
  icon,
  busy = false,
  children,
  onClick,
  className,
  ...rest
}: ButtonProps) {
  const look = { ...(variant && { variant }), ...(wide && { wide }) };
  return (
    <button
      type="button"
      className={classes(look, className)}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

type ButtonLinkProps = Look & { href: string; children: ReactNode; className?: string };

/** A link to another page of the app that looks like a button. */
export function ButtonLink({ variant, wide, icon, href, children, className }: ButtonLinkProps) {
  const look = { ...(variant && { variant }), ...(wide && { wide }) };
  return (
    <Link href={href} className={classes(look, className)}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> & {
  icon: IconName;
  /** Its name for who can't see the icon, and its tooltip. */
  label: string;
};

/** A button that is only an icon. */
export function IconButton({ icon, label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      className={classes({ variant: 'ghost' }, styles.icon, className)}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
