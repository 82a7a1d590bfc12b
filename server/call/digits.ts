// The digits of a call: from one party, by whatever way they came, to the other by one that it understands.
import { DecodeError, type Log, messageOf } from '../../core/index.ts';
import type { MediaEngine } from '../../media/index.ts';
import {
  type InfoDigit,
  InfoDigitSender,
  parseInfoDigit,
  type SessionEvents,
} from '../../signaling/index.ts';
import { takesEvents } from './agreement.ts';
import type { Party } from './party.ts';
import type { DigitNotes } from './party-facts.ts';

export interface DigitPathDependencies {
  readonly media: MediaEngine;
  readonly log: Log;
  /** Told of each digit that comes by INFO; the engine tells of the others. */
  readonly onInfo?: ((digit: InfoDigit) => void) | undefined;
}

/**
 * The way of digits from one party to the other. Those that come in RTP reach in RTP whoever takes telephone-events,
 * without us; INFO is for who does not.
 */
export class DigitPath {
  readonly #media: MediaEngine;
  readonly #log: Log;
  readonly #onInfo: DigitPathDependencies['onInfo'];
  readonly #from: Party;
  readonly #to: Party;
  readonly #sender: InfoDigitSender;
  /** Of the one who is sent digits. */
  readonly #notes: DigitNotes;

  constructor(dependencies: DigitPathDependencies, from: Party, to: Party) {
    this.#media = dependencies.media;
    this.#onInfo = dependencies.onInfo;
    this.#log = dependencies.log;
    this.#from = from;
    this.#to = to;
    this.#notes = to.media.digitNotes;
    this.#notes.takesInfo = to.session.peerAllowsInfo;
    this.#sender = new InfoDigitSender(to.session, (status) => this.#notes.answeredInfo(status));
  }

  /** An INFO of the party. @returns false where it carries no digit and is somebody else's */
  handleRequest({ request, respond }: SessionEvents['request']): boolean {
    const digit = parseInfoDigit(request);
    if (digit === undefined) return false;
    if (digit instanceof DecodeError) {
      this.#from.media.digitNotes.unreadable += 1;
      respond(400, { reason: 'Bad Request: INFO body' });
      return true;
    }
    this.#onInfo?.(digit);
    this.#guard(this.#from.media.expectInfoDigits());
    if (this.#isByInfo) this.#sendInfo(digit);
    else this.#sendInRtp(digit);
    respond(200);
    return true;
  }

  /** A digit that the party's leg told of. */
  handleDigit(digit: InfoDigit): void {
    if (this.#isByInfo) this.#sendInfo(digit);
    // Who has no INFO either may still hear a tone; events pass by themselves.
    else if (!takesEvents(this.#to.media)) this.#sendInRtp(digit);
  }

  get #isByInfo(): boolean {
    return !takesEvents(this.#to.media) && this.#to.session.peerAllowsInfo;
  }

  #sendInRtp({ digit }: InfoDigit): void {
    const sent = this.#media.sendDigits(this.#to.media.legId, digit).catch((error: unknown) => {
      this.#notes.unsendable += 1;
      throw error;
    });
    this.#guard(sent);
  }

  #sendInfo(digit: InfoDigit): void {
    if (this.#sender.push(digit)) return;
    this.#log.debug({ callId: this.#to.session.callId }, 'digit dropped: too many wait');
  }

  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#log.debug({ callId: this.#to.session.callId, reason: messageOf(error) }, 'digit not sent');
    });
  }
}
