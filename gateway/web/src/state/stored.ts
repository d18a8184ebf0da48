/** A value that the browser keeps under a name, the same in all tabs. */
export interface Stored<T> {
  get(): T;
  set(value: T): void;
  remove(): void;
  /** Tells of changes, also those of other tabs; answers how to stop that. */
  subscribe(onChange: () => void): () => void;
}

/** All names begin with it. */
const PREFIX = 'pollster.';

/** What the browser did not take (private windows, embedded pages, a full disk) the page itself keeps. */
const memory = new Map<string, string>();

function read(name: string): string | null {
  try {
    return memory.get(name) ?? localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, text: string | null): void {
  memory.delete(name);
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    if (text !== null) memory.set(name, text);
  }
}

/** The value under `name`; `initial` where there is none, or none that `isValid`. */
export function stored<T>(name: string, initial: T, isValid: (value: unknown) => value is T): Stored<T> {
  const key = PREFIX + name;
  const listeners = new Set<() => void>();
  let cached: { text: string | null; value: T } | undefined;

  const parse = (text: string | null): T => {
    if (text === null) return initial;
    try {
      const value: unknown = JSON.parse(text);
      return isValid(value) ? value : initial;
    } catch {
      return initial;
    }
  };
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const onStorage = (event: StorageEvent) => {
    if (event.key !== key && event.key !== null) return;
    memory.delete(key);
    changed();
  };

  return {
    get() {
      const text = read(key);
      // The same object for the same text, as React's external stores ask for.
      if (cached?.text !== text) cached = { text, value: parse(text) };
      return cached.value;
    },
    set(value) {
      write(key, JSON.stringify(value));
      changed();
    },
    remove() {
      write(key, null);
      changed();
    },
    subscribe(onChange) {
      if (listeners.size === 0) addEventListener('storage', onStorage);
      listeners.add(onChange);
      return () => {
        listeners.delete(onChange);
        if (listeners.size === 0) removeEventListener('storage', onStorage);
      };
    },
  };
}

/** Whether it is an object with members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
