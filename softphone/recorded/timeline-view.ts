// A time line as it passes: what happened since a moment, and who talks at one.
import type { Timeline, TimelineEvent } from '../../media/index.ts';

/** Over one time line, forwards. */
export class TimelineView {
  readonly #events: readonly TimelineEvent[];
  readonly #labels = new Map<number, string>();
  readonly #talking = new Set<string>();
  #next = 0;

  constructor(timeline: Timeline | null) {
    this.#events = timeline?.events ?? [];
  }

  /** In the order in which they began. */
  get talking(): readonly string[] {
    return [...this.#talking];
  }

  /** @returns what happened until then, in sentences, but for talk: that is {@link TimelineView.talking} */
  passTo(ms: number): readonly { readonly ms: number; readonly text: string }[] {
    const told: { ms: number; text: string }[] = [];
    for (let event = this.#due(ms); event; event = this.#due(ms)) {
      const text = this.#tell(event);
      if (text !== undefined) told.push({ ms: event.ms, text });
    }
    return told;
  }

  #due(ms: number): TimelineEvent | undefined {
    const event = this.#events[this.#next];
    if (!event || event.ms > ms) return undefined;
    this.#next += 1;
    return event;
  }

  #tell(event: TimelineEvent): string | undefined {
    const name = this.#nameOf(event);
    switch (event.type) {
      case 'joined':
        return `${name} joined`;
      case 'left':
        this.#talking.delete(name);
        return `${name} left`;
      case 'talking':
        this.#talking.add(name);
        return undefined;
      case 'silent':
        this.#talking.delete(name);
        return undefined;
      case 'digit':
        return `${name} pressed ${event.digit}`;
      case 'hold':
        return `${name} put the call on hold`;
      case 'resume':
        return `${name} resumed the call`;
      case 'note':
        return [event.member === undefined ? '' : `${name}: `, event.text ?? 'a note'].join('');
      case 'failed':
        return `the recording failed: ${event.text}`;
      case 'end':
        return 'the recording ended';
    }
  }

  #nameOf(event: TimelineEvent): string {
    if (!('member' in event) || event.member === undefined) return 'somebody';
    if (event.type === 'joined') this.#labels.set(event.member, event.label);
    return this.#labels.get(event.member) ?? `member ${event.member}`;
  }
}
