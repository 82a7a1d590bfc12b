// The digits of one call, by whichever way its far end has: telephone-events in RTP, or else INFO.
import { DecodeError } from '../core/index.ts';
import {
  CAPABILITY_HEADERS,
  DEFAULT_DURATION_MS,
  InfoDigitSender,
  type NegotiatedMedia,
  parseInfoDigit,
  type Session,
  type SessionEvents,
} from '../signaling/index.ts';
import type { CallMedia } from './call-media.ts';

/** RFC 4733 §3.2. */
const DIGITS = /^[0-9*#A-D]+$/i;

export class CallDigits {
  readonly #session: Session;
  readonly #sender: InfoDigitSender;
  #takesEvents = false;

  constructor(session: Session) {
    this.#session = session;
    this.#sender = new InfoDigitSender(session);
  }

  /** Takes over what the far end takes. */
  agree({ sendFormats }: NegotiatedMedia): void {
    this.#takesEvents = sendFormats.some((format) => format.encoding === 'telephone-event');
  }

  /** @returns false where these are no digits, too many wait, or the far end has neither events nor INFO */
  send(media: CallMedia, digits: string): boolean {
    if (!DIGITS.test(digits)) return false;
    const upper = digits.toUpperCase();
    if (this.#takesEvents) return media.sendDigits(upper);
    if (!this.#session.peerAllowsInfo) return false;
    return this.#sender.push(...[...upper].map((digit) => ({ digit, durationMs: DEFAULT_DURATION_MS })));
  }

  /** Answers an INFO that brings a digit. @returns false for every other request */
  handleDigit({ request, respond }: SessionEvents['request'], media: CallMedia | undefined): boolean {
    const digit = parseInfoDigit(request);
    if (digit === undefined) return false;
    if (digit instanceof DecodeError) respond(400, { reason: 'Bad Request: INFO body' });
    else {
      media?.handleDigit(digit);
      respond(200);
    }
    return true;
  }

  /** Answers a request that nobody has a use for: a phone takes nothing but INFO. */
  refuse({ request, respond }: SessionEvents['request']): void {
    // RFC 2976 §2.2: an INFO without a body asks whether the call is still there.
    if (request.method === 'INFO') return respond(request.body.length === 0 ? 200 : 415);
    // RFC 6665 §4.1.3: an event nobody asked for.
    respond(request.method === 'NOTIFY' ? 489 : 405, { headers: CAPABILITY_HEADERS });
  }
}
