import { useRef } from 'react';
import type { Me } from '../../client';
import { ProblemAlert } from '../../components/alert';
import { Button } from '../../components/button';
import { Card } from '../../components/card';
import { useMessages } from '../../hooks/use-messages';
import { notifications } from '../../messages/notifications';
import { NotificationRow } from './notification-row';
import styles from './notifications.module.css';
import { useChangeMe } from './use-change-me';

/** What happened, newest first. */
export function NotificationList({ me }: { me: Me }) {
  const t = useMessages(notifications);
  const change = useChangeMe();
  const state = useRef<HTMLParagraphElement>(null);
  const unread = me.notifications.filter(({ read_at }) => !read_at).length;
  const read = (which: 'all' | string[]) => {
    // The button that had the focus goes.
    state.current?.focus();
    void change.run({ read: which });
  };
  if (me.notifications.length === 0) {
    return (
      <Card>
        <p className={styles.muted}>{t.empty}</p>
      </Card>
    );
  }
  return (
    <Card>
      <div className={styles.head}>
        <p role="status" tabIndex={-1} ref={state} className={styles.state}>
          {unread > 0 ? t.waiting(unread) : t.noneUnread}
        </p>
        {unread > 0 && (
          <Button icon="check" busy={change.busy} onClick={() => read('all')}>
            {t.allRead}
          </Button>
        )}
      </div>
      {change.problem && <ProblemAlert problem={change.problem} />}
      <ul className={styles.list}>
        {me.notifications.map((notification) => (
          <NotificationRow
            key={notification.notification_id}
            notification={notification}
            onRead={() => read([notification.notification_id])}
          />
        ))}
      </ul>
    </Card>
  );
}
