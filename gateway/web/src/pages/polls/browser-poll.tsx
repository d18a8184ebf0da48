import type { Poll } from '../../client';
import { api, credentials } from '../../clients';
import { ProblemAlert } from '../../components/alert';
import { Button } from '../../components/button';
import { Loading } from '../../components/loading';
import { ClaimButton } from '../../components/manage/claim-button';
import { useAccount } from '../../hooks/use-account';
import { useMessages } from '../../hooks/use-messages';
import { type Resource, useResource } from '../../hooks/use-resource';
import { common } from '../../messages/common';
import { polls } from '../../messages/polls';
import { forgetOwnPoll, type OwnPoll } from '../../state/own-polls';
import { PollRow } from './poll-row';
import styles from './polls-page.module.css';

interface BrowserPollProps {
  own: OwnPoll;
  onClaimed: () => void;
  onClosed: () => void;
  onDeleted: () => void;
}

/** A poll that this browser made without an account, as the server has it now. */
export function BrowserPoll({ own, onClaimed, onClosed, onDeleted }: BrowserPollProps) {
  const { isSignedIn } = useAccount();
  const poll = useResource((signal) => api.poll(own.pollId, credentials(own.pollId), signal), [own.pollId]);
  if (!poll.value || poll.problem?.code === 'poll_not_found')
    return <Missing own={own} poll={poll} onForgotten={onDeleted} />;
  return (
    <PollRow
      poll={poll.value}
      onClosed={(closed) => {
        poll.set({ ...poll.value, ...closed });
        onClosed();
      }}
      onDeleted={onDeleted}
    >
      {isSignedIn && (
        <div className={styles.actions}>
          <ClaimButton poll={poll.value} onDone={onClaimed} />
        </div>
      )}
    </PollRow>
  );
}

interface MissingProps {
  own: OwnPoll;
  poll: Resource<Poll>;
  onForgotten: () => void;
}

/** Stands where the poll comes, or is not to be had. */
function Missing({ own, poll: { problem, reload }, onForgotten }: MissingProps) {
  const t = useMessages(polls);
  const { retry } = useMessages(common);
  const forget = () => {
    forgetOwnPoll(own.pollId);
    onForgotten();
  };
  const isGone = problem?.code === 'poll_not_found';
  return (
    <li className={styles.row}>
      <h3 className={styles.title}>{own.title}</h3>
      {!problem && <Loading lines={2} />}
      {isGone && (
        <>
          <p className={styles.muted}>{t.gone}</p>
          <div className={styles.actions}>
            <Button icon="cross" onClick={forget}>
              {t.forget}
              <span className="visually-hidden">{t.of(own.title)}</span>
            </Button>
          </div>
        </>
      )}
      {problem && !isGone && (
        <ProblemAlert problem={problem} action={<Button onClick={reload}>{retry}</Button>} />
      )}
    </li>
  );
}
