// An address space: the internet, or the inside of a NAT.
import { UsageError } from '../../../core/index.ts';
import type { Nat } from '../nat.ts';
import type { HostNode } from './host-node.ts';

/** Who answers to which address, and the way out. */
export class Realm {
  /** The NAT through which packets leave; undefined for the internet. */
  readonly gateway: Nat | undefined;
  readonly #nodes = new Map<string, HostNode | Nat>();

  constructor(gateway?: Nat) {
    this.gateway = gateway;
  }

  add(address: string, node: HostNode | Nat): void {
    const taken = this.#nodes.get(address);
    if (taken)
      throw new UsageError(`${node.name}: address ${address} belongs to ${taken.name}; take another`);
    this.#nodes.set(address, node);
  }

  find(address: string): HostNode | Nat | undefined {
    return this.#nodes.get(address);
  }
}
