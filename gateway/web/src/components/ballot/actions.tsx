import type { Poll } from '../../client';
import { useMessages } from '../../hooks/use-messages';
import { vote } from '../../messages/vote';
import { type OwnBallot, votedBy } from '../../state/ballots';
import { Button, ButtonLink } from '../button';
import type { Access } from './access';
import styles from './actions.module.css';
import type { BallotForm } from './use-ballot-form';
import type { Peek } from './use-peek';

interface ActionsProps {
  poll: Poll;
  access: Access;
  form: BallotForm;
  peek: Peek;
  ballot: OwnBallot | null;
  onChange: () => void;
  onKeep: () => void;
  onRevoke: () => void;
}

/** What can be done about the ballot now. */
export function Actions({ poll, access, form, peek, ballot, onChange, onKeep, onRevoke }: ActionsProps) {
  const t = useMessages(vote);
  const hasVoted = votedBy(ballot).length > 0;
  const { allow_vote_change: mayChange } = poll.settings;
  const canChange =
    mayChange && hasVoted && access === 'open' && ballot?.state !== 'sending' && !form.isChanging;
  const isVoting = form.questions.length > 0 && !peek.isPeeking;
  const submit = form.isChanging ? t.submitChange : hasVoted ? t.submitRest : t.submit;
  if (access === 'closed' || access === 'scheduled') return null;
  if (access !== 'open') return <WayIn poll={poll} access={access} />;
  return (
    <div className={styles.actions}>
      {isVoting && (
        <Button type="submit" variant="primary" wide>
          {submit}
        </Button>
      )}
      {form.isChanging && <Button onClick={onKeep}>{t.cancelChange}</Button>}
      {peek.canPeek && (
        <Button variant="ghost" icon={peek.isPeeking ? 'left' : 'chart'} onClick={peek.toggle}>
          {peek.isPeeking ? t.backToVote : t.seeResults}
        </Button>
      )}
      {canChange && <Button onClick={onChange}>{t.change}</Button>}
      {canChange && (
        <Button variant="ghost" onClick={onRevoke}>
          {t.revoke}
        </Button>
      )}
    </div>
  );
}

/** How to become somebody who can vote. */
function WayIn({ poll, access }: { poll: Poll; access: 'sign-in' | 'verify' }) {
  const t = useMessages(vote);
  const next = encodeURIComponent(`/p/${poll.slug}`);
  return access === 'sign-in' ? (
    <ButtonLink href={`/sign-in?next=${next}`} variant="primary" wide>
      {t.signInLink}
    </ButtonLink>
  ) : (
    <ButtonLink href="/notifications" variant="primary" wide>
      {t.verifyLink}
    </ButtonLink>
  );
}
