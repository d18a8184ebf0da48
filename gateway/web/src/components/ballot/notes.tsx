import type { Poll } from '../../client';
import { useFormats, useMessages } from '../../hooks/use-messages';
import type { Live } from '../../hooks/use-web-socket';
import { vote } from '../../messages/vote';
import { Icon, type IconName } from '../icon';
import type { Access } from './access';
import { hiddenReason } from './hidden-reason';
import styles from './notes.module.css';

interface NotesProps {
  poll: Poll;
  live: Live;
  access: Access;
  hasVoted: boolean;
  /** Whether there are several questions to answer, and not all must be. */
  mayLeaveOut: boolean;
}

/** What is to be known about voting and results here. */
export function Notes({ poll, live, access, hasVoted, mayLeaveOut }: NotesProps) {
  const t = useMessages(vote);
  const { dateTime } = useFormats();
  const reason = hiddenReason(poll, live, hasVoted);
  const hidden =
    reason && (reason === 'until' ? t.hidden.until(dateTime(poll.ends_at ?? '')) : t.hidden[reason]);
  const notes: [IconName, string | undefined][] = [
    ['clock', access === 'scheduled' ? t.scheduled : undefined],
    ['user', access === 'sign-in' ? t.signIn : undefined],
    ['user', access === 'verify' ? t.verify : undefined],
    ['info', mayLeaveOut ? t.mayLeaveOut : undefined],
    ['lock', hidden],
  ];
  const said = notes.filter(([, text]) => text !== undefined);
  if (said.length === 0) return null;
  return (
    <ul className={styles.notes}>
      {said.map(([icon, text]) => (
        <li key={text} className={styles.note}>
          <Icon name={icon} size={18} />
          {text}
        </li>
      ))}
    </ul>
  );
}
