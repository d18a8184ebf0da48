import { useState } from 'react';
import type { Poll, Question } from '../../client';
import { voterIn } from '../../clients';
import type { Ballots } from '../../hooks/use-ballot';
import type { Captcha } from '../../hooks/use-captcha';
import { merged, type OwnBallot, votedBy } from '../../state/ballots';
import { session } from '../../state/session';
import { type Selection, type Shortfall, selectionOf, shortfalls, toAnswers, toggled } from './selection';

/** A ballot that is filled in. */
export interface BallotForm {
  selection: Selection;
  /** The questions that can be answered now. */
  questions: Question[];
  /** Whether it changes what was voted. */
  isChanging: boolean;
  /** What was missing when it was to be sent. */
  shortfalls: Shortfall[];
  /** Whether the captcha was. */
  lacksCaptcha: boolean;
  toggle: (question: Question, choiceId: string) => void;
  beginChange: () => void;
  endChange: () => void;
  revoke: () => void;
  /** Sends it; what became of it: `incomplete` says what is missing. */
  submit: (captcha: Captcha) => 'sent' | 'unchanged' | 'incomplete' | 'signed-out';
}

/** The ballot that who is here fills in, if they may. */
export function useBallotForm(poll: Poll, ballots: Ballots, isOpen: boolean): BallotForm {
  const { ballot } = ballots;
  const voted = votedBy(ballot);
  const [selection, setSelection] = useState<Selection>(() => initial(ballot));
  const [missing, setMissing] = useState<Shortfall[]>([]);
  const [lacksCaptcha, setLacksCaptcha] = useState(false);
  // What was decided about changing the ballot with this key; another ballot begins anew.
  const [decision, setDecision] = useState<{ key: string; change: boolean }>();

  const isAnswerable = isOpen && ballot?.state !== 'sending';
  const wantsChange =
    decision && decision.key === ballot?.key
      ? decision.change
      : ballot?.state === 'refused' && ballot.kind === 'change';
  const isChanging = isAnswerable && poll.settings.allow_vote_change && voted.length > 0 && wantsChange;
  const isAnswered = ({ question_id }: Question) =>
    voted.some((answer) => answer.question_id === question_id);
  const questions = isAnswerable
    ? poll.questions.filter((question) => isChanging || !isAnswered(question))
    : [];

  const decide = (change: boolean) => {
    setMissing([]);
    if (ballot) setDecision({ key: ballot.key, change });
  };
  const submit = (captcha: Captcha) => {
    const before = isChanging ? voted : [];
    const found = shortfalls(selection, questions, before);
    const answers = toAnswers(selection, questions, before);
    setMissing(found);
    setLacksCaptcha(captcha.isNeeded && !captcha.token);
    if (found.length > 0) return 'incomplete';
    if (answers.length === 0) {
      decide(false);
      return 'unchanged';
    }
    if (captcha.isNeeded && !captcha.token) return 'incomplete';
    // The session may have expired while the ballot was filled in.
    if (!voterIn(poll)) {
      session.remove();
      return 'signed-out';
    }
    if (isChanging) ballots.change(answers, captcha.token);
    else ballots.cast(answers, captcha.token);
    return 'sent';
  };

  return {
    selection,
    questions,
    isChanging,
    shortfalls: missing,
    lacksCaptcha,
    submit,
    toggle: (question, choiceId) => {
      setSelection(toggled(selection, question, choiceId));
      setMissing(missing.filter(({ questionId }) => questionId !== question.question_id));
    },
    beginChange: () => {
      setSelection({ ...selection, ...selectionOf(voted) });
      decide(true);
    },
    endChange: () => decide(false),
    revoke: () => {
      setSelection({});
      ballots.revoke();
    },
  };
}

/** What was chosen on a ballot that was refused is still chosen. */
function initial(ballot: OwnBallot | null): Selection {
  return ballot?.state === 'refused' ? selectionOf(merged(ballot.before, ballot.answers)) : {};
}
