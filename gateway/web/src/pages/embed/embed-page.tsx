import { type MouseEvent, useRef } from 'react';
import { useSearch } from 'wouter';
import type { Poll } from '../../client';
import { Alert, ProblemAlert } from '../../components/alert';
import { Ballot } from '../../components/ballot/ballot';
import { Button } from '../../components/button';
import { Crowd } from '../../components/crowd';
import { Loading } from '../../components/loading';
import { useTitle } from '../../components/page';
import { PollState } from '../../components/poll-state';
import { useLivePoll } from '../../hooks/use-live-poll';
import { useMessages } from '../../hooks/use-messages';
import { usePoll } from '../../hooks/use-poll';
import type { Resource } from '../../hooks/use-resource';
import { useTheme } from '../../hooks/use-theme';
import { common } from '../../messages/common';
import { results } from '../../messages/results';
import { isTheme } from '../../state/theme';
import styles from './embed-page.module.css';
import { useReportedHeight } from './use-reported-height';

/** `/embed/:poll`: voting and results in another page's frame. `?theme=` suits it to that page. */
export default function EmbedPage({ poll }: { poll: string }) {
  const asked = new URLSearchParams(useSearch()).get('theme');
  useTheme((chosen) => (isTheme(asked) ? asked : chosen));
  const t = useMessages(results).embed;
  const content = useRef<HTMLDivElement>(null);
  useReportedHeight(content, poll);
  return (
    <main id="content" className={styles.frame} onClickCapture={openOutside}>
      <div ref={content} className={styles.content}>
        <Content key={poll} slug={poll} />
        <p className={styles.footer}>
          <a href={`/p/${poll}`} target="_blank" rel="noopener">
            Pollster<span className="visually-hidden"> {t.newTab}</span>
          </a>
        </p>
      </div>
    </main>
  );
}

function Content({ slug }: { slug: string }) {
  const { retry } = useMessages(common);
  const resource = usePoll(slug);
  const { value: poll, problem, reload } = resource;
  if (poll && problem?.code !== 'poll_not_found') return <Embedded loaded={poll} reload={reload} />;
  if (!problem) return <Loading />;
  const again = problem.isTemporary && <Button onClick={reload}>{retry}</Button>;
  return <ProblemAlert problem={problem} action={again} />;
}

function Embedded({ loaded, reload }: { loaded: Poll; reload: Resource<Poll>['reload'] }) {
  const { problem } = useMessages(common);
  const { poll, live } = useLivePoll(loaded, reload);
  useTitle(poll.title);
  if (live.isGone) return <Alert tone="warning">{problem.poll_not_found}</Alert>;
  return (
    <>
      <PollState poll={poll} live={live} />
      <h1 className={styles.title}>{poll.title}</h1>
      {poll.description && <p className={styles.description}>{poll.description}</p>}
      <Ballot poll={poll} live={live} onStale={reload} silent />
      <Crowd poll={poll} live={live} besideResults />
    </>
  );
}

/** A frame is too small for other pages, and browsers keep apart what is stored in it: they open in a tab. */
function openOutside(event: MouseEvent) {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target === '_blank') return;
  event.preventDefault();
  event.stopPropagation();
  open(link.href, '_blank', 'noopener');
}
