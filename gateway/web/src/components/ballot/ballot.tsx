import { type FormEvent, useEffect } from 'react';
import type { Poll } from '../../client';
import { useAccount } from '../../hooks/use-account';
import { useBallot } from '../../hooks/use-ballot';
import { useCaptcha } from '../../hooks/use-captcha';
import type { Live } from '../../hooks/use-web-socket';
import { choicesOf, votedBy } from '../../state/ballots';
import { Announcer } from '../results/announcer';
import { accessTo } from './access';
import { Actions } from './actions';
import styles from './ballot.module.css';
import { BallotQuestion } from './ballot-question';
import { CaptchaBox } from './captcha-box';
import { Notes } from './notes';
import { Outcome } from './outcome';
import { useBallotForm } from './use-ballot-form';
import { useFocus } from './use-focus';
import { usePeek } from './use-peek';

interface BallotProps {
  poll: Poll;
  live: Live;
  /** Called where the poll is not any more as it was loaded. */
  onStale: () => void;
  /** Leaves out the live region of the results: see `Announcer`. */
  silent?: boolean;
}

/** All below a poll's title: its questions, what can be done about them, and what came of it. */
export function Ballot({ poll, live, onStale, silent }: BallotProps) {
  const { isSignedIn, me } = useAccount();
  const access = accessTo(poll, { isSignedIn, isVerified: me?.verified });
  const ballots = useBallot(poll);
  const voted = votedBy(ballots.ballot);
  const form = useBallotForm(poll, ballots, access === 'open');
  const peek = usePeek(live, form);
  const fields = peek.isPeeking ? [] : form.questions;
  const captcha = useCaptcha(poll, fields.length > 0);
  const { ref, focusNext } = useFocus();
  useStaleness(ballots.problem?.code, onStale);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fields.length === 0) return;
    focusNext(form.submit(captcha) === 'incomplete' ? 'fault' : 'outcome');
  };
  const own = choicesOf(voted);
  return (
    <form ref={ref} className={styles.ballot} onSubmit={submit} noValidate>
      {poll.questions.map((question) => (
        <BallotQuestion
          key={question.question_id}
          poll={poll}
          question={question}
          live={live}
          form={form}
          own={own}
          isField={fields.includes(question)}
          isVoted={voted.some(({ question_id }) => question_id === question.question_id)}
          isPeeking={peek.isPeeking}
        />
      ))}
      {fields.length > 0 && <CaptchaBox captcha={captcha} isMissing={form.lacksCaptcha} />}
      <Notes
        poll={poll}
        live={live}
        access={access}
        hasVoted={voted.length > 0}
        mayLeaveOut={fields.length > 1 && !form.isChanging}
      />
      {/* Always there, so that the focus has a place to stay when the buttons go. */}
      <div tabIndex={-1} data-focus="outcome" className={styles.outcome}>
        <Outcome poll={poll} ballots={ballots} />
      </div>
      <Actions
        poll={poll}
        access={access}
        form={form}
        peek={peek}
        ballot={ballots.ballot}
        onChange={() => {
          form.beginChange();
          focusNext('field');
        }}
        onKeep={() => {
          form.endChange();
          focusNext('outcome');
        }}
        onRevoke={() => {
          form.revoke();
          focusNext('outcome');
        }}
      />
      {!silent && <Announcer questions={poll.questions} tally={live.tally} />}
    </form>
  );
}

/** A ballot that comes too early or too late: the poll's status is not what it was. */
function useStaleness(code: string | undefined, onStale: () => void): void {
  const isStale = code === 'poll_closed' || code === 'poll_not_started' || code === 'poll_not_found';
  useEffect(() => {
    if (isStale) onStale();
  }, [isStale, onStale]);
}
