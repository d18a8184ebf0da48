import type { Status } from '../../client';
import { ProblemAlert } from '../../components/alert';
import { Button } from '../../components/button';
import { Card } from '../../components/card';
import { SelectField } from '../../components/field';
import { Loading } from '../../components/loading';
import { useMessages } from '../../hooks/use-messages';
import { common } from '../../messages/common';
import { polls as messages } from '../../messages/polls';
import { FirstPoll } from './first-poll';
import { PollRow } from './poll-row';
import styles from './polls-page.module.css';
import type { AccountPolls as Polls } from './use-account-polls';

const STATUSES: Status[] = ['scheduled', 'active', 'closed', 'archived'];

interface AccountPollsProps {
  polls: Polls;
  status: Status | undefined;
  onStatus: (status: Status | undefined) => void;
  /** Tells what was done. */
  say: (text: string) => void;
  /** The same where what had the focus is gone. */
  gone: (text: string) => void;
}

/** The polls of the account that is signed in. */
export function AccountPolls({ polls, status, onStatus, say, gone }: AccountPollsProps) {
  const t = useMessages(messages);
  const { retry } = useMessages(common);
  return (
    <Card>
      <div className={styles.head}>
        <h2>{t.inAccount}</h2>
        <StatusFilter status={status} onStatus={onStatus} />
      </div>
      {polls.problem && (
        <ProblemAlert problem={polls.problem} action={<Button onClick={polls.reload}>{retry}</Button>} />
      )}
      {!polls.polls && !polls.problem && <Loading />}
      {polls.polls?.length === 0 &&
        !polls.isLoading &&
        (status ? <p className={styles.muted}>{t.emptyStatus}</p> : <FirstPoll title={t.emptyAccount} />)}
      {polls.polls && polls.polls.length > 0 && (
        <ul className={styles.list} aria-busy={polls.isLoading}>
          {polls.polls.map((poll) => (
            <PollRow
              key={poll.poll_id}
              poll={poll}
              onClosed={(closed) => {
                polls.replace(closed);
                say(t.closed(poll.title));
              }}
              onDeleted={() => {
                polls.remove(poll.poll_id);
                gone(t.deleted(poll.title));
              }}
            />
          ))}
        </ul>
      )}
      {polls.hasMore && (
        <Button busy={polls.isLoadingMore} onClick={polls.loadMore}>
          {t.more}
        </Button>
      )}
    </Card>
  );
}

function StatusFilter({ status, onStatus }: Pick<AccountPollsProps, 'status' | 'onStatus'>) {
  const t = useMessages(messages);
  const { status: names } = useMessages(common);
  return (
    <SelectField
      label={t.filter}
      labelHidden
      value={status ?? ''}
      onChange={({ target }) => onStatus(STATUSES.find((known) => known === target.value))}
    >
      <option value="">{t.all}</option>
      {STATUSES.map((known) => (
        <option key={known} value={known}>
          {names[known]}
        </option>
      ))}
    </SelectField>
  );
}
