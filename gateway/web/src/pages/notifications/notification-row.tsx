import { Link } from 'wouter';
import type { Notification } from '../../client';
import { Badge } from '../../components/badge';
import { IconButton } from '../../components/button';
import { useFormats, useMessages } from '../../hooks/use-messages';
import { notifications } from '../../messages/notifications';
import styles from './notifications.module.css';

/** A notification, and the way to its poll. */
export function NotificationRow({
  notification,
  onRead,
}: {
  notification: Notification;
  onRead: () => void;
}) {
  const t = useMessages(notifications);
  const { relative, dateTime } = useFormats();
  const { poll_id, message, created_at, read_at } = notification;
  return (
    <li className={styles.row}>
      <div className={styles.text}>
        {/* The server writes them in English. */}
        <p lang="en" className={read_at ? undefined : styles.unread}>
          {poll_id ? (
            <Link href={`/p/${poll_id}/results`} onClick={() => !read_at && onRead()}>
              {message}
            </Link>
          ) : (
            message
          )}
        </p>
        <p className={styles.when}>
          {!read_at && (
            <Badge tone="info" dot>
              {t.unread}
            </Badge>
          )}
          <time dateTime={created_at} title={dateTime(created_at)}>
            {relative(created_at)}
          </time>
        </p>
      </div>
      {!read_at && <IconButton icon="check" label={t.markRead(message)} onClick={onRead} />}
    </li>
  );
}
