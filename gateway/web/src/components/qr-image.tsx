import { QRCodeSVG } from 'qrcode.react';

/** Modules; what ISO/IEC 18004 asks for. */
const QUIET_ZONE = 4;
/** Of the file, where it is saved; on pages its frame decides. */
const SIZE = 512;

/** The code itself, which comes with its library when it is first shown. */
export default function QrImage({ text, label }: { text: string; label: string }) {
  return <QRCodeSVG value={text} title={label} role="img" level="M" size={SIZE} marginSize={QUIET_ZONE} />;
}
