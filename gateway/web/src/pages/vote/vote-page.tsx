import type { Poll } from '../../client';
import { Alert } from '../../components/alert';
import { Ballot } from '../../components/ballot/ballot';
import { ButtonLink } from '../../components/button';
import { Card } from '../../components/card';
import { Crowd } from '../../components/crowd';
import { NotFound } from '../../components/not-found';
import { Page } from '../../components/page';
import { PollGate } from '../../components/poll-gate';
import { PollState } from '../../components/poll-state';
import { useLivePoll } from '../../hooks/use-live-poll';
import { useMessages } from '../../hooks/use-messages';
import type { Resource } from '../../hooks/use-resource';
import { vote } from '../../messages/vote';
import { Schedule } from './schedule';
import styles from './vote-page.module.css';

/** `/p/:poll` */
export default function VotePage({ poll }: { poll: string }) {
  return (
    <PollGate key={poll} slug={poll}>
      {(loaded, resource) => <Vote loaded={loaded} resource={resource} />}
    </PollGate>
  );
}

function Vote({ loaded, resource }: { loaded: Poll; resource: Resource<Poll> }) {
  const t = useMessages(vote);
  const { problem, reload } = resource;
  const { poll, live } = useLivePoll(loaded, reload);
  if (live.isGone) return <NotFound />;
  return (
    <Page title={poll.title}>
      {problem?.isTemporary && <Alert tone="warning">{t.offline}</Alert>}
      <Card>
        <div className={styles.head}>
          <PollState poll={poll} live={live} />
          <h1>{poll.title}</h1>
          {poll.description && <p className={styles.description}>{poll.description}</p>}
          <Schedule poll={poll} />
        </div>
        <Ballot poll={poll} live={live} onStale={reload} />
        <Crowd poll={poll} live={live} />
      </Card>
      <nav className={styles.links} aria-label={t.pages}>
        <ButtonLink href={`/p/${poll.slug}/results`} variant="ghost" icon="chart">
          {t.results}
        </ButtonLink>
        <ButtonLink href={`/p/${poll.slug}/share`} variant="ghost" icon="share">
          {t.share}
        </ButtonLink>
      </nav>
    </Page>
  );
}
