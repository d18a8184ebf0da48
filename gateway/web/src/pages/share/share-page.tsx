import type { Poll } from '../../client';
import { StatusBadge } from '../../components/badge';
import { ButtonLink } from '../../components/button';
import { Card } from '../../components/card';
import { Page } from '../../components/page';
import { PollGate } from '../../components/poll-gate';
import { useMessages } from '../../hooks/use-messages';
import { share } from '../../messages/share';
import { EmbedCard } from './embed-card';
import { LinkCard } from './link-card';
import { ManageCard } from './manage-card';
import styles from './share-page.module.css';

/** `/p/:poll/share` */
export default function SharePage({ poll }: { poll: string }) {
  return (
    <PollGate key={poll} slug={poll}>
      {(loaded, { set }) => <Share poll={loaded} onClosed={set} />}
    </PollGate>
  );
}

function Share({ poll, onClosed }: { poll: Poll; onClosed: (closed: Poll) => void }) {
  const t = useMessages(share);
  return (
    <Page title={`${t.title}: ${poll.title}`}>
      <div className={styles.head}>
        <h1>{t.title}</h1>
        <p className={styles.poll}>
          <span>{poll.title}</span> <StatusBadge status={poll.status} />
        </p>
      </div>
      <LinkCard poll={poll} />
      <GoOn poll={poll} />
      <EmbedCard poll={poll} />
      <ManageCard
        poll={poll}
        onClosed={({ status, closed_at }) => onClosed({ ...poll, status, closed_at })}
      />
    </Page>
  );
}

function GoOn({ poll }: { poll: Poll }) {
  const t = useMessages(share);
  return (
    <Card>
      <h2>{t.goOn}</h2>
      <nav className={styles.actions} aria-label={t.goOn}>
        <ButtonLink href={`/p/${poll.slug}`} variant="primary" icon="check">
          {t.vote}
        </ButtonLink>
        <ButtonLink href={`/p/${poll.slug}/results`} icon="chart">
          {t.results}
        </ButtonLink>
        <ButtonLink href={`/p/${poll.slug}/present`} icon="screen">
          {t.present}
        </ButtonLink>
      </nav>
    </Card>
  );
}
