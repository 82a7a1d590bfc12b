// Typed events.
import { messageOf } from './errors.ts';

type Listener<Payload> = (payload: Payload) => void;

/**
 * An owner of typed events. `Events` maps a name to its payload.
 *
 * A listener that throws harms neither its neighbours nor the emitter: see {@link Emitter.onListenerError}.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Listener<never>[]>();

  /**
   * What becomes of an exception in a listener. By default the process says it as a warning and goes on: a listener
   * runs because of what a peer sent, and no peer may end the process.
   */
  static onListenerError: (error: unknown) => void = (error) => {
    process.emitWarning(error instanceof Error ? error : new Error(messageOf(error)));
  };

  /** Adds a listener. @returns a function that removes it */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const list = this.#listeners.get(name);
    if (list) list.push(listener);
    else this.#listeners.set(name, [listener]);
    return () => this.off(name, listener);
  }

  /** Adds a listener that is removed by its first event. @returns a function that removes it */
  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const remove = this.on(name, (payload) => {
      remove();
      listener(payload);
    });
    return remove;
  }

  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void {
    const list = this.#listeners.get(name);
    if (!list) return;
    const left = list.filter((other) => other !== listener);
    if (left.length > 0) this.#listeners.set(name, left);
    else this.#listeners.delete(name);
  }

  /** @returns whether anybody listened */
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): boolean {
    const list = this.#listeners.get(name);
    if (!list) return false;
    for (const listener of list.slice()) {
      try {
        // Cast: the map holds each list under the name whose payload its listeners take.
        (listener as Listener<Events[Name]>)(payload);
      } catch (error) {
        Emitter.onListenerError(error);
      }
    }
    return true;
  }

  hasListeners(name: keyof Events): boolean {
    return this.#listeners.has(name);
  }
}
