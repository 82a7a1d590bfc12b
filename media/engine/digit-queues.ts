// Digits to a party go one after the other, whoever sends them.
import { OperationError } from '../../core/index.ts';
import type { Leg } from '../leg/index.ts';

/** Longer than any number; more of them would be somebody's mischief. */
const MAX_DIGITS = 64;

interface Queue {
  pending: number;
  last: Promise<void>;
}

export class DigitQueues {
  readonly #queues = new Map<Leg, Queue>();

  /**
   * @param send - called when all before were sent
   * @throws OperationError `MEDIA_FAILED` where too many wait
   */
  async push(leg: Leg, digits: string, send: () => Promise<void>): Promise<void> {
    const queue = this.#queues.get(leg) ?? { pending: 0, last: Promise.resolve() };
    if (queue.pending + digits.length > MAX_DIGITS) {
      throw new OperationError('MEDIA_FAILED', `more than ${MAX_DIGITS} digits wait for "${leg.label}"`);
    }
    queue.pending += digits.length;
    this.#queues.set(leg, queue);
    const sent = queue.last.then(send).finally(() => {
      queue.pending -= digits.length;
      if (queue.pending === 0) this.#queues.delete(leg);
    });
    queue.last = sent.catch(() => {});
    await sent;
  }
}
