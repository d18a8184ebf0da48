import { type ReactNode, useId, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { Poll } from '../../client';
import { Button, ButtonLink } from '../../components/button';
import { CloseButton } from '../../components/manage/close-button';
import { DeleteButton } from '../../components/manage/delete-button';
import { ExportButtons } from '../../components/manage/export-buttons';
import { useMessages } from '../../hooks/use-messages';
import { polls } from '../../messages/polls';
import { PollFacts } from './poll-facts';
import styles from './polls-page.module.css';

interface PollRowProps {
  poll: Poll;
  /** What else can be done with it. */
  children?: ReactNode;
  onClosed: (closed: Poll) => void;
  onDeleted: () => void;
}

/** One of one's own polls: how it stands, and all that can be done with it. */
export function PollRow({ poll, children, onClosed, onDeleted }: PollRowProps) {
  const t = useMessages(polls);
  const title = useRef<HTMLAnchorElement>(null);
  const more = useId();
  const [isOpen, setOpen] = useState(false);
  const closed = (poll: Poll) => {
    // The button that had the focus goes.
    title.current?.focus();
    onClosed(poll);
  };
  const path = `/p/${poll.slug}`;
  const of = <span className="visually-hidden">{t.of(poll.title)}</span>;
  return (
    <li className={styles.row}>
      <div className={styles.summary}>
        <div className={styles.what}>
          <h3 className={styles.title}>
            <Link href={path} ref={title}>
              {poll.title}
            </Link>
          </h3>
          <PollFacts poll={poll} />
        </div>
        <div className={styles.actions}>
          <ButtonLink href={`${path}/results`} icon="chart">
            {t.results}
            {of}
          </ButtonLink>
          <ButtonLink href={`${path}/share`} icon="share">
            {t.share}
            {of}
          </ButtonLink>
          <Button
            variant="ghost"
            icon={isOpen ? 'up' : 'down'}
            aria-expanded={isOpen}
            aria-controls={more}
            onClick={() => setOpen(!isOpen)}
          >
            {t.actions}
            {of}
          </Button>
        </div>
      </div>
      <div id={more} className={styles.more} hidden={!isOpen}>
        <div className={styles.actions}>
          <ButtonLink href={`${path}/present`} icon="screen">
            {t.present}
          </ButtonLink>
          {(poll.status === 'active' || poll.status === 'scheduled') && (
            <CloseButton poll={poll} onDone={closed} />
          )}
          <DeleteButton poll={poll} onDone={onDeleted} />
        </div>
        <ExportButtons poll={poll} />
      </div>
      {children}
    </li>
  );
}
