import { useState } from 'react';
import { Problem } from '../../client';
import { api, managerCredentials } from '../../clients';
import { useMessages } from '../../hooks/use-messages';
import { manage } from '../../messages/manage';
import { forgetOwnPoll } from '../../state/own-polls';
import { Button } from '../button';
import { ConfirmDialog } from '../confirm-dialog';

interface DeleteButtonProps {
  poll: { poll_id: string; title: string };
  onDone: () => void;
}

/** Deletes a poll, once that is confirmed. The button has the focus when `onDone` is called. */
export function DeleteButton({ poll, onDone }: DeleteButtonProps) {
  const t = useMessages(manage).delete;
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button icon="trash" onClick={() => setAsking(true)}>
        {t.action}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t.title}
          confirm={t.action}
          run={() => deletePoll(poll.poll_id)}
          onDone={() => {
            setAsking(false);
            forgetOwnPoll(poll.poll_id);
            onDone();
          }}
          onCancel={() => setAsking(false)}
        >
          <p>{t.text(poll.title)}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

/** One that is gone already, deleted elsewhere, is what was asked for. */
async function deletePoll(pollId: string): Promise<void> {
  try {
    await api.deletePoll(pollId, managerCredentials(pollId));
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'poll_not_found')) throw error;
  }
}
