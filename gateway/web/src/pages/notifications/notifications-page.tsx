import { ProblemAlert } from '../../components/alert';
import { Button, ButtonLink } from '../../components/button';
import { Card } from '../../components/card';
import { Loading } from '../../components/loading';
import { Page } from '../../components/page';
import { useAccount } from '../../hooks/use-account';
import { useMessages } from '../../hooks/use-messages';
import { usePulse } from '../../hooks/use-pulse';
import { common } from '../../messages/common';
import { notifications } from '../../messages/notifications';
import { page } from '../../state/page';
import { AccountCard } from './account-card';
import { ChoicesCard } from './choices-card';
import { NotificationList } from './notification-list';
import styles from './notifications.module.css';

/** Milliseconds between two looks: here no poll is watched over whose connection notifications would come. */
const REFRESH = 5_000;

/** What happened in one's polls, what one wants to be told of it, and one's account. */
export default function NotificationsPage() {
  const t = useMessages(notifications);
  const { isSignedIn } = useAccount();
  return (
    <Page title={t.title}>
      <h1>{t.title}</h1>
      {isSignedIn ? <SignedIn /> : <SignedOut />}
    </Page>
  );
}

function SignedIn() {
  const { retry } = useMessages(common);
  const { me, problem, reload } = useAccount();
  usePulse(reload, REFRESH);
  if (me) {
    return (
      <>
        <NotificationList me={me} />
        <ChoicesCard me={me} />
        <AccountCard me={me} />
      </>
    );
  }
  return (
    <Card>
      {problem ? (
        <ProblemAlert problem={problem} action={<Button onClick={reload}>{retry}</Button>} />
      ) : (
        <Loading />
      )}
    </Card>
  );
}

function SignedOut() {
  const t = useMessages(notifications);
  const { signIn } = useMessages(common);
  return (
    <Card>
      <p>{page.accounts ? t.signedOut : t.elsewhere}</p>
      {page.accounts && (
        <div className={styles.actions}>
          <ButtonLink href="/sign-in?next=/notifications" variant="primary" icon="user">
            {signIn}
          </ButtonLink>
        </div>
      )}
    </Card>
  );
}
