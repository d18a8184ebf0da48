import type { ReactNode } from 'react';
import type { Poll } from '../client';
import { useMessages } from '../hooks/use-messages';
import { usePoll } from '../hooks/use-poll';
import type { Resource } from '../hooks/use-resource';
import { common } from '../messages/common';
import { ProblemAlert } from './alert';
import { Button } from './button';
import { Card } from './card';
import { Loading } from './loading';
import { NotFound } from './not-found';
import { Page } from './page';

interface PollGateProps {
  slug: string;
  children: (poll: Poll, resource: Resource<Poll>) => ReactNode;
}

/** Shows a page of a poll once the poll is there; a page that says so where there is none. */
export function PollGate({ slug, children }: PollGateProps) {
  const t = useMessages(common);
  const resource = usePoll(slug);
  const { value: poll, problem, reload } = resource;
  if (problem?.code === 'poll_not_found') return <NotFound />;
  if (poll) return children(poll, resource);
  return (
    <Page title={t.appName}>
      <Card>
        {problem ? (
          <ProblemAlert problem={problem} action={<Button onClick={reload}>{t.retry}</Button>} />
        ) : (
          <Loading />
        )}
      </Card>
    </Page>
  );
}
