import { useMessages } from '../hooks/use-messages';
import type { Live } from '../hooks/use-web-socket';
import { common } from '../messages/common';
import { Badge } from './badge';

/** How the results on the page are connected with the server; nothing where there is no more to say. */
export function ConnectionBadge({
  live: { connection, isFinal },
}: {
  live: Pick<Live, 'connection' | 'isFinal'>;
}) {
  const t = useMessages(common);
  // A watch also ends where the server refuses it: then nothing is final.
  if (connection === 'ended' && !isFinal) return null;
  const isLive = connection === 'live' || connection === 'polling';
  const tone = isLive ? 'success' : connection === 'reconnecting' ? 'warning' : 'neutral';
  return (
    <Badge tone={tone} dot pulse={isLive}>
      {t.connection[connection]}
    </Badge>
  );
}
