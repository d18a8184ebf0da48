/** One timeout, which may be set anew. */
export class Timer {
  private id: ReturnType<typeof setTimeout> | undefined;

  get isSet(): boolean {
    return this.id !== undefined;
  }

  /** Does `action` in so many milliseconds, in place of what was to be done before. */
  set(milliseconds: number, action: () => void): void {
    this.clear();
    this.id = setTimeout(() => {
      this.id = undefined;
      action();
    }, milliseconds);
  }

  clear(): void {
    clearTimeout(this.id);
    this.id = undefined;
  }
}
