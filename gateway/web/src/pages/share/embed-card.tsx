import type { Poll } from '../../client';
import { Card } from '../../components/card';
import { CopyButton } from '../../components/copy-button';
import { TextArea } from '../../components/field';
import { useMessages } from '../../hooks/use-messages';
import { share } from '../../messages/share';
import { embedCode } from './embed-code';
import styles from './share-page.module.css';

/** The poll on somebody's own page. */
export function EmbedCard({ poll }: { poll: Poll }) {
  const t = useMessages(share);
  const code = embedCode(poll);
  return (
    <Card>
      <h2>{t.embed}</h2>
      <TextArea
        label={t.embedLabel}
        hint={t.embedHint}
        readOnly
        rows={4}
        spellCheck={false}
        value={code}
        onFocus={(event) => event.currentTarget.select()}
      />
      <div className={styles.actions}>
        <CopyButton text={code} label={t.embedName} />
      </div>
    </Card>
  );
}
