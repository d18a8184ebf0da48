import type { Poll } from '../../client';
import { api, managerCredentials } from '../../clients';
import { useAction } from '../../hooks/use-action';
import { useMessages } from '../../hooks/use-messages';
import { manage } from '../../messages/manage';
import { forgetOwnPoll } from '../../state/own-polls';
import { ProblemAlert } from '../alert';
import { Button } from '../button';

interface ClaimButtonProps {
  poll: { poll_id: string; title: string };
  onDone: (claimed: Poll) => void;
}

/** Moves a poll that this browser made without an account into the account that is signed in. */
export function ClaimButton({ poll, onDone }: ClaimButtonProps) {
  const t = useMessages(manage).claim;
  const claim = useAction(async () => {
    const claimed = await api.claimPoll(poll.poll_id, managerCredentials(poll.poll_id));
    forgetOwnPoll(poll.poll_id);
    onDone(claimed);
  });
  return (
    <>
      <Button icon="user" busy={claim.busy} onClick={() => claim.run()}>
        {t.action}
        <span className="visually-hidden">{t.of(poll.title)}</span>
      </Button>
      {claim.problem && <ProblemAlert problem={claim.problem} />}
    </>
  );
}
