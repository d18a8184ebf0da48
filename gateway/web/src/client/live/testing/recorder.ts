import type { LiveEvent } from '../watch';

/** A listener that keeps what it was told. */
export class Recorder {
  readonly events: LiveEvent[] = [];
  readonly listener = (event: LiveEvent): void => {
    this.events.push(event);
  };

  /** The versions of the results, in the order in which they were told. */
  get versions(): number[] {
    return this.events.flatMap((event) => (event.type === 'results' ? [event.update.version] : []));
  }

  /** The connection's states, with their transport where there is one. */
  get states(): string[] {
    return this.events.flatMap((event) => {
      if (event.type !== 'connection') return [];
      return [event.transport ? `${event.state} by ${event.transport}` : event.state];
    });
  }

  /** All that is neither results nor the connection's. */
  get others(): LiveEvent[] {
    return this.events.filter(({ type }) => type !== 'results' && type !== 'connection');
  }
}
