import { type CSSProperties, useState } from 'react';
import { useLocation } from 'wouter';
import type { Poll } from '../../client';
import { Crowd } from '../../components/crowd';
import { NotFound } from '../../components/not-found';
import { useTitle } from '../../components/page';
import { PollGate } from '../../components/poll-gate';
import { PollState } from '../../components/poll-state';
import { useHiddenReason } from '../../components/results/hidden-results';
import { ResultsView } from '../../components/results/results-view';
import { useLivePoll } from '../../hooks/use-live-poll';
import { useMessages } from '../../hooks/use-messages';
import type { Resource } from '../../hooks/use-resource';
import { useTheme } from '../../hooks/use-theme';
import type { Live } from '../../hooks/use-web-socket';
import { results } from '../../messages/results';
import { Controls } from './controls';
import { Join } from './join';
import styles from './present-page.module.css';
import { useIdle } from './use-idle';
import { useKeys } from './use-keys';
import { useWakeLock } from './use-wake-lock';

/** How long the controls stay when nobody uses them, in milliseconds. */
const IDLE = 3_000;

/** `/p/:poll/present`: for a projector. */
export default function PresentPage({ poll }: { poll: string }) {
  // Rooms with a projector are dark.
  useTheme((chosen) => (chosen === 'system' ? 'dark' : chosen));
  return (
    <PollGate key={poll} slug={poll}>
      {(loaded, { reload }) => <Presentation loaded={loaded} reload={reload} />}
    </PollGate>
  );
}

/** So many letters are a short title. */
const SHORT = 40;

/** How large a title is, for a long one to take as much room as a short one. */
const scale = ({ length }: string) => Math.min(1, Math.sqrt(SHORT / length));

function Presentation({ loaded, reload }: { loaded: Poll; reload: Resource<Poll>['reload'] }) {
  const t = useMessages(results).present;
  const { poll, live } = useLivePoll(loaded, reload);
  const [index, setIndex] = useState(0);
  const [isJoinShown, showJoin] = useState(true);
  const [areResultsShown, showResults] = useState(true);
  const isIdle = useIdle(IDLE);
  useTitle(`${t.title}: ${poll.title}`);
  useWakeLock();

  const count = poll.questions.length;
  const question = poll.questions[index];
  const turn = (by: number) => setIndex((at) => Math.min(count - 1, Math.max(0, at + by)));
  useNavigation(poll, turn);
  if (live.isGone || !question) return <NotFound />;
  const tally = areResultsShown ? live.tally : undefined;
  return (
    <main id="content" className={isIdle ? `${styles.stage} ${styles.idle}` : styles.stage}>
      <header>
        <h1 style={{ '--scale': scale(poll.title) } as CSSProperties}>{poll.title}</h1>
      </header>
      <div className={styles.body}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls what does not fit */}
        <section className={styles.results} aria-label={t.results} tabIndex={0}>
          <ResultsView
            key={question.question_id}
            poll={{ ...poll, questions: [question] }}
            tally={tally}
            size="large"
          />
        </section>
        {isJoinShown && poll.status !== 'closed' && poll.status !== 'archived' && <Join poll={poll} />}
      </div>
      <footer className={styles.footer}>
        <p className={styles.total}>
          <Total poll={poll} question={question.question_id} live={live} />
        </p>
        <PollState poll={poll} live={live} />
        <Crowd poll={poll} live={live} besideResults />
        <Controls
          position={count > 1 ? { index, count, turn } : undefined}
          isJoinShown={isJoinShown}
          onJoin={() => showJoin(!isJoinShown)}
          areResultsShown={areResultsShown}
          onResults={() => showResults(!areResultsShown)}
          href={`/p/${poll.slug}/share`}
        />
      </footer>
    </main>
  );
}

/** Arrows and a presenter's remote turn to other questions; Escape leaves, but full screen first. */
function useNavigation(poll: Poll, turn: (by: number) => void): void {
  const [, navigate] = useLocation();
  const leave = () => document.fullscreenElement ?? navigate(`/p/${poll.slug}/share`);
  const next = () => turn(1);
  const previous = () => turn(-1);
  const turning = { ArrowRight: next, PageDown: next, ArrowLeft: previous, PageUp: previous };
  useKeys({ Escape: leave, ...(poll.questions.length > 1 && turning) });
}

function Total({ poll, question, live }: { poll: Poll; question: string; live: Live }) {
  const t = useMessages(results);
  const reason = useHiddenReason(poll, live, false);
  if (reason) return reason;
  const responses = live.tally && (live.tally.responses.get(question) ?? 0);
  if (responses === undefined) return null;
  return responses === 0 && poll.status === 'active' ? t.beFirst : t.responses(responses);
}
