import { type ReactNode, useRef } from 'react';
import { useAction } from '../hooks/use-action';
import { ProblemAlert } from './alert';
import { Button } from './button';
import { Dialog } from './dialog';

interface ConfirmDialogProps {
  title: string;
  /** What will have happened afterwards. */
  children: ReactNode;
  /** What the button that does it says. */
  confirm: string;
  run: () => Promise<void>;
  /** Called once it is done, after the dialog has given the focus back. */
  onDone: () => void;
  onCancel: () => void;
}

/** Asks before something that can't be undone; stays open, with the reason, where it does not work. */
export function ConfirmDialog({ title, children, confirm, run, onDone, onCancel }: ConfirmDialogProps) {
  const action = useAction(run);
  const isDone = useRef(false);
  const start = async (button: HTMLButtonElement) => {
    isDone.current = await action.run();
    if (!isDone.current) return;
    const dialog = button.closest('dialog');
    // Closed rather than just taken away: closing gives the focus back. What it was about may have been found gone
    // meanwhile, and the dialog with it.
    if (dialog?.isConnected) dialog.close();
    else onDone();
  };
  return (
    <Dialog
      title={title}
      onClose={() => (isDone.current ? onDone() : onCancel())}
      actions={
        <Button variant="danger" busy={action.busy} onClick={(event) => start(event.currentTarget)}>
          {confirm}
        </Button>
      }
    >
      {children}
      {action.problem && <ProblemAlert problem={action.problem} />}
    </Dialog>
  );
}
