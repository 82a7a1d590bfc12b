// Copies in what a phone receives (RFC 2198): lost packets are found again before anybody misses them.
import type { PayloadFormat } from '../engine/types.ts';
import type { JitterFrame } from '../jitter/types.ts';
import { RedReceiver } from '../red/index.ts';

/** Why nothing of a packet was taken. */
export type RedFailure = 'malformed' | 'wrong-payload-type';

/** Lets everything pass as it is where `red` was not negotiated. */
export class IncomingRed {
  readonly #receiver = new RedReceiver();
  #redTypes: ReadonlySet<number> = new Set();
  #plainTypes: ReadonlySet<number> = new Set();

  /** What the far end may send. */
  setFormats(formats: readonly PayloadFormat[]): void {
    const typesOf = (isRed: boolean) =>
      new Set(
        formats
          .filter(({ encoding }) => (encoding === 'red') === isRed)
          .map(({ payloadType }) => payloadType),
      );
    this.#redTypes = typesOf(true);
    // RFC 2198 says nothing of RED within RED, and it would have no end.
    this.#plainTypes = typesOf(false);
  }

  /**
   * Takes a packet, apart where it is RED.
   *
   * @param take - gets what is in it, copies of lost packets first, each under its own payload type
   * @returns why the packet's own content was not taken; undefined where it was
   */
  receive(frame: JitterFrame, take: (frame: JitterFrame) => void): RedFailure | undefined {
    if (!this.#redTypes.has(frame.payloadType)) {
      this.#receiver.note(frame);
      take(frame);
      return undefined;
    }
    let failure: RedFailure | undefined = 'wrong-payload-type';
    const error = this.#receiver.unpack(frame, (block) => {
      if (!this.#plainTypes.has(block.payloadType)) return;
      if (!block.isRedundant) failure = undefined;
      take(block);
    });
    return error ? 'malformed' : failure;
  }
}
