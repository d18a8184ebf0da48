/** The lines that a field would hold were `text` put in where its selection is; empty ones are left out. */
export function pastedLines(
  {
    value,
    selectionStart,
    selectionEnd,
  }: Pick<HTMLInputElement, 'value' | 'selectionStart' | 'selectionEnd'>,
  text: string,
): string[] {
  const before = value.slice(0, selectionStart ?? value.length);
  const after = value.slice(selectionEnd ?? value.length);
  return `${before}${text.trim()}${after}`
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean);
}
