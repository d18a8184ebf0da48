import { lazy, Suspense } from 'react';
import styles from './qr-code.module.css';

const QrImage = lazy(() => import('./qr-image'));

interface QrCodeProps {
  text: string;
  /** Of its side, in CSS pixels; it shrinks where there is less room. */
  size: number;
  /** What scanning it leads to, for who can't see it. */
  label: string;
}

/** A QR code, dark on white in both themes, with the quiet zone around it that scanners ask for. */
export function QrCode({ text, size, label }: QrCodeProps) {
  return (
    <div className={styles.frame} style={{ width: size }}>
      <Suspense fallback={null}>
        <QrImage text={text} label={label} />
      </Suspense>
    </div>
  );
}
