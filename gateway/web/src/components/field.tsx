import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';
import styles from './field.module.css';
import { Icon } from './icon';

interface Texts {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with it, if anything. */
  error?: string | undefined;
  /** Shows the label to assistive technology only. */
  labelHidden?: boolean;
}

/** What ties a control to its texts. */
interface Tie {
  id: string;
  className: string | undefined;
  'aria-invalid': true | undefined;
  'aria-describedby': string | undefined;
}

function Field({ label, hint, error, labelHidden, children }: Texts & { children: (tie: Tie) => ReactNode }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const tie: Tie = {
    id,
    className: styles.control,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': described || undefined,
  };
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={labelHidden ? 'visually-hidden' : styles.label}>
        {label}
      </label>
      {children(tie)}
      {hint && (
        <span id={`${id}-hint`} className={styles.hint}>
          {hint}
        </span>
      )}
      {error && (
        <span id={`${id}-error`} className={styles.error}>
          <Icon name="warning" size={18} />
          {error}
        </span>
      )}
    </div>
  );
}

/** A line of text with its label, hint and error. */
export function TextField({
  label,
  hint,
  error,
  labelHidden,
  ...rest
}: Texts & InputHTMLAttributes<HTMLInputElement>) {
  const texts = { label, hint, error, ...(labelHidden && { labelHidden }) };
  return <Field {...texts}>{(tie) => <input type="text" {...rest} {...tie} />}</Field>;
}

/** Several lines of text. */
export function TextArea({
  label,
  hint,
  error,
  labelHidden,
  ...rest
}: Texts & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const texts = { label, hint, error, ...(labelHidden && { labelHidden }) };
  return <Field {...texts}>{(tie) => <textarea {...rest} {...tie} />}</Field>;
}

/** One of several options. */
export function SelectField({
  label,
  hint,
  error,
  labelHidden,
  ...rest
}: Texts & SelectHTMLAttributes<HTMLSelectElement>) {
  const texts = { label, hint, error, ...(labelHidden && { labelHidden }) };
  return <Field {...texts}>{(tie) => <select {...rest} {...tie} />}</Field>;
}

/** Something that is so or not. */
export function CheckField({
  label,
  hint,
  ...rest
}: Omit<Texts, 'error' | 'labelHidden'> & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <label className={styles.check}>
      <input type="checkbox" aria-describedby={hint ? id : undefined} {...rest} />
      <span>
        <span>{label}</span>
        {hint && (
          <span id={id} className={styles.hint}>
            {hint}
          </span>
        )}
      </span>
    </label>
  );
}
