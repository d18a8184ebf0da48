/** How long the browser may take to read what it saves, in milliseconds. */
const KEPT = 60_000;

/** Lets the browser save `file` under `name`. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT);
}
