import { Card } from '../../components/card';
import { useAccount } from '../../hooks/use-account';
import { useMessages } from '../../hooks/use-messages';
import { useStored } from '../../hooks/use-stored';
import { polls } from '../../messages/polls';
import { ownPolls } from '../../state/own-polls';
import { BrowserPoll } from './browser-poll';
import styles from './polls-page.module.css';

interface BrowserPollsProps {
  onClaimed?: () => void;
  /** Tells what was done. */
  say: (text: string) => void;
  /** The same where what had the focus is gone. */
  gone: (text: string) => void;
}

/** The polls that this browser made without an account. */
export function BrowserPolls({ onClaimed, say, gone }: BrowserPollsProps) {
  const t = useMessages(polls);
  const { isSignedIn } = useAccount();
  const own = useStored(ownPolls);
  return (
    <Card>
      <div className={styles.intro}>
        <h2>{t.inBrowser}</h2>
        <p className={styles.muted}>
          {t.inBrowserHint} {isSignedIn && t.claimHint}
        </p>
      </div>
      <ul className={styles.list}>
        {own.map((poll) => (
          <BrowserPoll
            key={poll.pollId}
            own={poll}
            onClaimed={() => {
              onClaimed?.();
              gone(t.claimed(poll.title));
            }}
            onClosed={() => say(t.closed(poll.title))}
            onDeleted={() => gone(t.deleted(poll.title))}
          />
        ))}
      </ul>
    </Card>
  );
}
