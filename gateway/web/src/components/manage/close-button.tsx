import { useRef, useState } from 'react';
import type { Poll } from '../../client';
import { api, managerCredentials } from '../../clients';
import { useMessages } from '../../hooks/use-messages';
import { manage } from '../../messages/manage';
import { Button } from '../button';
import { ConfirmDialog } from '../confirm-dialog';

/** Closes a poll, once that is confirmed. `onDone` gets it as it is then; the button has the focus until then. */
export function CloseButton({ poll, onDone }: { poll: Poll; onDone: (closed: Poll) => void }) {
  const t = useMessages(manage).close;
  const [isAsking, setAsking] = useState(false);
  const closed = useRef(poll);
  return (
    <>
      <Button icon="lock" onClick={() => setAsking(true)}>
        {t.action}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t.title}
          confirm={t.action}
          run={async () => {
            closed.current = await api.closePoll(poll.poll_id, managerCredentials(poll.poll_id));
          }}
          onDone={() => {
            setAsking(false);
            onDone(closed.current);
          }}
          onCancel={() => setAsking(false)}
        >
          <p>{t.text(poll.title)}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
