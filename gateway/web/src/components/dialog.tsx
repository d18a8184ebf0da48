import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useMessages } from '../hooks/use-messages';
import { common } from '../messages/common';
import { Button } from './button';
import styles from './dialog.module.css';

interface DialogProps {
  title: string;
  children: ReactNode;
  /** The buttons beside that which cancels. */
  actions?: ReactNode;
  onClose: () => void;
}

/** A modal dialog, open as long as it is rendered. The browser keeps the focus inside and gives it back. */
export function Dialog({ title, children, actions, onClose }: DialogProps) {
  const t = useMessages(common);
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      <div className={styles.body}>{children}</div>
      <div className={styles.actions}>
        <Button onClick={() => dialog.current?.close()}>{actions ? t.cancel : t.close}</Button>
        {actions}
      </div>
    </dialog>
  );
}
