// What a path sends through, by number, and what data leaves by while no pair is selected.
import type { Endpoint } from '../../core/index.ts';
import type { BaseId, ComponentId } from '../ice/index.ts';
import type { PathBase } from './path-base.ts';
import type { PathSockets } from './path-sockets.ts';
import type { Relays } from './relays.ts';

export class PathBases {
  readonly #sockets: PathSockets;
  readonly #relays: Relays;
  readonly #isRelayOnly: boolean;
  /** Where the peer was told that we are. */
  readonly #told = new Map<ComponentId, BaseId>();

  constructor(sockets: PathSockets, relays: Relays, isRelayOnly: boolean) {
    this.#sockets = sockets;
    this.#relays = relays;
    this.#isRelayOnly = isRelayOnly;
  }

  base(id: BaseId): PathBase | undefined {
    return this.#sockets.base(id) ?? this.#relays.base(id);
  }

  noteTold(component: ComponentId, base: BaseId): void {
    this.#told.set(component, base);
  }

  /** Data comes from where the peer was told that we are, or else from our preferred address. */
  fallback(component: ComponentId, remote: Endpoint): PathBase | undefined {
    const told = this.#told.get(component);
    const base = told === undefined ? undefined : this.base(told);
    if (base?.canReach(remote.address)) return base;
    const others: readonly PathBase[] = this.#isRelayOnly ? this.#relays.found : this.#sockets.all;
    return others.find((other) => other.component === component && other.canReach(remote.address));
  }
}
