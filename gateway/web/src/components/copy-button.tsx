import { useEffect, useState } from 'react';
import { useMessages } from '../hooks/use-messages';
import { common } from '../messages/common';
import { Button } from './button';

/** How long it says that it copied, in milliseconds. */
const SAID = 2_500;

/** Copies `text`, and says so. `label` is what is copied, for who can't see it beside the button. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const t = useMessages(common);
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(undefined), SAID);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => setOutcome((await write(text)) ? 'copied' : 'failed');
  return (
    <>
      <Button
        icon={outcome === 'copied' ? 'check' : 'copy'}
        onClick={copy}
        aria-label={`${t.copy}: ${label}`}
      >
        {outcome === 'copied' ? t.copied : t.copy}
      </Button>
      <span role="status" className={outcome === 'failed' ? undefined : 'visually-hidden'}>
        {outcome === 'copied' && t.copied}
        {outcome === 'failed' && t.copyFailed}
      </span>
    </>
  );
}

/** Whether it worked: pages without TLS have no clipboard, and visitors may forbid it. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
