import type { Captcha } from '../../hooks/use-captcha';
import { useMessages } from '../../hooks/use-messages';
import { vote } from '../../messages/vote';
import { Alert } from '../alert';
import { Icon } from '../icon';
import styles from './captcha-box.module.css';

/** Where the captcha is shown. */
export function CaptchaBox({ captcha, isMissing }: { captcha: Captcha; isMissing: boolean }) {
  const t = useMessages(vote).captcha;
  if (!captcha.isNeeded) return null;
  return (
    <fieldset aria-label={t.label} className={styles.captcha} data-fault={isMissing || undefined}>
      <div ref={captcha.box} className={styles.box} />
      {captcha.hasFailed && <Alert tone="danger">{t.failed}</Alert>}
      {isMissing && !captcha.token && !captcha.hasFailed && (
        <p role="alert" className={styles.missing}>
          <Icon name="warning" size={18} />
          {t.missing}
        </p>
      )}
    </fieldset>
  );
}
