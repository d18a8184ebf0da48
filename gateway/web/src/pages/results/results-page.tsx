import type { Poll } from '../../client';
import { ButtonLink } from '../../components/button';
import { Card } from '../../components/card';
import { Crowd } from '../../components/crowd';
import { NotFound } from '../../components/not-found';
import { Page } from '../../components/page';
import { PollGate } from '../../components/poll-gate';
import { PollState } from '../../components/poll-state';
import { HiddenResults, useHiddenReason } from '../../components/results/hidden-results';
import { ResultsView } from '../../components/results/results-view';
import { useBallot } from '../../hooks/use-ballot';
import { useLivePoll } from '../../hooks/use-live-poll';
import { useMessages } from '../../hooks/use-messages';
import type { Resource } from '../../hooks/use-resource';
import { results } from '../../messages/results';
import { choicesOf, votedBy } from '../../state/ballots';
import { ManagerPanel } from './manager-panel';
import styles from './results-page.module.css';

/** `/p/:poll/results` */
export default function ResultsPage({ poll }: { poll: string }) {
  return (
    <PollGate key={poll} slug={poll}>
      {(loaded, resource) => <Results loaded={loaded} resource={resource} />}
    </PollGate>
  );
}

function Results({ loaded, resource }: { loaded: Poll; resource: Resource<Poll> }) {
  const t = useMessages(results);
  const { poll, live } = useLivePoll(loaded, resource.reload);
  const voted = votedBy(useBallot(poll).ballot);
  const reason = useHiddenReason(poll, live, voted.length > 0);
  if (live.isGone) return <NotFound />;
  return (
    <Page title={`${t.title}: ${poll.title}`}>
      <Card>
        <div className={styles.head}>
          <PollState poll={poll} live={live} />
          <h1>{poll.title}</h1>
        </div>
        {reason ? (
          <HiddenResults reason={reason} />
        ) : (
          <ResultsView poll={poll} tally={live.tally} own={choicesOf(voted)} />
        )}
        {poll.status === 'closed' && live.tally && !live.isFinal && (
          <p className={styles.note}>{t.counting}</p>
        )}
        <Crowd poll={poll} live={live} besideResults />
        <nav className={styles.links} aria-label={t.pages}>
          {poll.status === 'active' && (
            <ButtonLink href={`/p/${poll.slug}`} variant="primary" icon="check">
              {t.vote}
            </ButtonLink>
          )}
          <ButtonLink href={`/p/${poll.slug}/share`} icon="share">
            {t.share}
          </ButtonLink>
          <ButtonLink href={`/p/${poll.slug}/present`} icon="screen">
            {t.presentLink}
          </ButtonLink>
        </nav>
      </Card>
      <ManagerPanel
        key={poll.poll_id}
        poll={poll}
        isFinal={live.isFinal}
        onClosed={({ status, closed_at }) => resource.set({ ...loaded, status, closed_at })}
      />
    </Page>
  );
}
