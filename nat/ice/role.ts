// Who decides, and what happens where both believe to (RFC 8445 §6.1.1, §7.3.1.1).
import type { Random } from '../../core/index.ts';
import type { IncomingCheck } from './check-message.ts';
import type { IceRole } from './types.ts';

/** `none` the roles fit; `refuse` the peer is to change its own (487); `switch` we change ours. */
export type ConflictVerdict = 'none' | 'refuse' | 'switch';

/** Our role, and the number that decides about it. */
export class RoleHolder {
  readonly #random: Random;
  #role: IceRole;
  #tieBreaker: bigint;
  /** The peer is lite, which is never to be argued with (RFC 8445 §6.1.1). */
  #isFixed = false;

  constructor(random: Random, role: IceRole) {
    this.#random = random;
    this.#role = role;
    this.#tieBreaker = drawTieBreaker(random);
  }

  get role(): IceRole {
    return this.#role;
  }

  get tieBreaker(): bigint {
    return this.#tieBreaker;
  }

  judge({ role, tieBreaker }: IncomingCheck): ConflictVerdict {
    if (role !== this.#role || this.#isFixed) return 'none';
    const isOursHigher = this.#tieBreaker >= tieBreaker;
    // RFC 8445 §7.3.1.1: the higher number controls.
    return isOursHigher === (this.#role === 'controlling') ? 'refuse' : 'switch';
  }

  switch(): void {
    this.#role = this.#role === 'controlling' ? 'controlled' : 'controlling';
  }

  /**
   * The peer refused a check that we sent in that role (RFC 8445 §7.2.5.1).
   *
   * @returns whether we are to change: not where we did so since
   */
  yields(sentAs: IceRole): boolean {
    if (this.#isFixed) return false;
    // RFC 8445 §16.1: a new number after a 487.
    this.#tieBreaker = drawTieBreaker(this.#random);
    return sentAs === this.#role;
  }

  /** RFC 8445 §6.1.1: a full agent controls a lite one. @returns whether that changes anything */
  controlLitePeer(): boolean {
    this.#isFixed = true;
    const isChanged = this.#role !== 'controlling';
    this.#role = 'controlling';
    return isChanged;
  }
}

function drawTieBreaker(random: Random): bigint {
  return (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
}
