import { useRef, useState } from 'react';
import type { Poll } from '../../client';
import { Button } from '../../components/button';
import { Card } from '../../components/card';
import { CopyButton } from '../../components/copy-button';
import { TextField } from '../../components/field';
import { save } from '../../components/manage/download';
import { QrCode } from '../../components/qr-code';
import { useMessages } from '../../hooks/use-messages';
import { share } from '../../messages/share';
import { pngFile, svgFile } from './picture';
import styles from './share-page.module.css';

/** Link, code and QR code: whatever is at hand where the voters are. */
export function LinkCard({ poll }: { poll: Poll }) {
  const t = useMessages(share);
  return (
    <Card>
      <div className={styles.copyable}>
        <TextField
          label={t.link}
          readOnly
          value={poll.url}
          onFocus={(event) => event.currentTarget.select()}
        />
        <div className={styles.actions}>
          <CopyButton text={poll.url} label={t.linkName} />
          <SendButton poll={poll} />
        </div>
      </div>
      <div className={styles.codes}>
        <QrPart poll={poll} />
        <div className={styles.typed}>
          <h2>{t.code}</h2>
          <p className={styles.code}>{poll.slug}</p>
          <p className={styles.note}>{t.codeHint(new URL(poll.url).host)}</p>
        </div>
      </div>
    </Card>
  );
}

/** The device's own way to send things, where it has one. */
function SendButton({ poll }: { poll: Poll }) {
  const t = useMessages(share);
  if (!('share' in navigator)) return null;
  const send = async () => {
    try {
      await navigator.share({ title: poll.title, url: poll.url });
    } catch {
      // The visitor thought better of it; what else went wrong, the device has said.
    }
  };
  return (
    <Button icon="share" onClick={send}>
      {t.send}
    </Button>
  );
}

function QrPart({ poll }: { poll: Poll }) {
  const t = useMessages(share);
  const frame = useRef<HTMLDivElement>(null);
  const [hasFailed, setFailed] = useState(false);
  const download = async (ending: 'svg' | 'png', draw: (picture: SVGElement) => Blob | Promise<Blob>) => {
    const picture = frame.current?.querySelector('svg');
    if (!picture) return;
    try {
      save(await draw(picture), `pollster-${poll.slug}.${ending}`);
      setFailed(false);
    } catch {
      setFailed(true);
    }
  };
  return (
    <div className={styles.qr}>
      <h2 className="visually-hidden">{t.qr}</h2>
      <div ref={frame}>
        <QrCode text={poll.url} size={232} label={t.qrLabel(poll.title)} />
      </div>
      <div className={styles.actions}>
        <Button variant="ghost" icon="download" onClick={() => download('svg', svgFile)}>
          {t.downloadSvg}
        </Button>
        <Button variant="ghost" icon="download" onClick={() => download('png', pngFile)}>
          {t.downloadPng}
        </Button>
      </div>
      <p role="status" className={styles.note}>
        {hasFailed && t.downloadFailed}
      </p>
    </div>
  );
}
