// One call to a room, from its answer to its end: the PIN, the conversation, and the way out.
import { DecodeError, type Runtime, sleep } from '../../core/index.ts';
import { ROOM_EXTENSIONS } from '../../media/index.ts';
import {
  CAPABILITY_HEADERS,
  canSend,
  DTMF_RELAY_TYPE,
  formatRoomReply,
  parseInfoDigit,
  parseRoomCommand,
  ROOM_COMMAND_TYPE,
  type RoomCommand,
  refusePackage,
  type SessionEnd,
  type SessionEvents,
} from '../../signaling/index.ts';
import { REASONS } from '../call/reasons.ts';
import { answerHere, refuseFormats, type Served, sessionEnd } from '../call/served.ts';
import { runRoomCommand } from './commands.ts';
import { DigitInbox } from './digit-inbox.ts';
import { KeyReader } from './key-reader.ts';
import { KEY_TABLES } from './keys.ts';
import type { RoomMedia } from './media.ts';
import type { Member } from './member.ts';
import { runKey } from './member-keys.ts';
import { askPin } from './pin-dialogue.ts';
import type { PinGuard } from './pin-guard.ts';
import { PrivateVoice } from './private-voice.ts';
import type { PromptName, Prompts } from './prompts.ts';
import type { Refusal, Room } from './room.ts';
import type { RoomRole, RoomSettings } from './types.ts';

/** What a visit must know of the house. */
export interface RoomHouse {
  readonly runtime: Runtime;
  readonly media: RoomMedia;
  readonly prompts: Prompts;
  readonly guard: PinGuard;
  /** The room while somebody is in it. */
  find(name: string): Room | undefined;
  /** The same, and opens it. */
  open(name: string): Room;
}

/** What is said at the end is not waited for any longer. */
const LONGEST_GOODBYE_MS = 10_000;

const POUND_MS = 3000;

/** Before the answer, a full room is busy and a locked one forbidden. */
const STATUS_OF: Readonly<Record<Refusal, number>> = { full: 486, locked: 403 };

export interface VisitOptions {
  /** Of the room. */
  readonly name: string;
  readonly settings: RoomSettings;
  readonly served: Served;
}

export class Visit {
  readonly #house: RoomHouse;
  readonly #name: string;
  readonly #settings: RoomSettings;
  readonly #served: Served;
  readonly #voice: PrivateVoice;
  readonly #left = new AbortController();
  #onDigit: (digit: string) => void = () => {};
  #place: { readonly room: Room; readonly member: Member } | undefined;
  /** Whether for a PIN. */
  #wasAsked = false;
  /** A phone that never heard us is not on hold. */
  #couldHear = false;

  constructor(house: RoomHouse, { name, settings, served }: VisitOptions) {
    this.#house = house;
    this.#name = name;
    this.#settings = settings;
    this.#served = served;
    const { media, prompts, runtime } = house;
    this.#voice = new PrivateVoice({ media, prompts, log: runtime.log, legId: served.media.legId });
  }

  /** @returns why it ended, for the call's record */
  async run(): Promise<string> {
    const { session } = this.#served;
    // Asked before anything takes time: the caller may hang up meanwhile.
    const ended = sessionEnd(session);
    void ended.then(() => this.#left.abort());
    const refusal = this.#refusalBeforeAnswer();
    if (refusal) return this.#refuse(refusal);
    const digits = new DigitInbox(this.#house.runtime, this.#left.signal);
    this.#onDigit = (digit) => digits.push(digit);
    session.on('request', (request) => this.#handleRequest(request));
    this.#served.listenForDigits((digit) => this.#onDigit(digit));
    const isAnswered = await answerHere(this.#served, {
      wantsDigits: true,
      onChanged: () => this.#noteHold(),
      extensions: ROOM_EXTENSIONS,
    });
    if (!isAnswered) return refuseFormats(this.#served);
    this.#couldHear = this.#hears;
    const role = await this.#askRole(digits);
    if (this.#left.signal.aborted) return (await ended).reason;
    if (!role) return this.#sendAway('no-more-tries', 'three wrong PINs');
    const room = this.#house.open(this.#name);
    const { user, media } = this.#served;
    const admitted = room.admit({ name: user.name, legId: media.legId, voice: this.#voice, role });
    if (typeof admitted === 'string') return this.#sendAway(admitted, `the room is ${admitted}`);
    const reason = await this.#stay(room, admitted, ended);
    return `${reason}; spoke for ${Math.round(admitted.talkedMs / 1000)} s`;
  }

  /** From the first moment as a member to the last. */
  async #stay(room: Room, member: Member, ended: Promise<SessionEnd>): Promise<string> {
    this.#place = { room, member };
    this.#noteHold();
    let leave = () => {};
    const leftByKey = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const keys = new KeyReader({
      runtime: this.#house.runtime,
      table: () => KEY_TABLES[this.#settings.keys][member.role],
      onAction: (action) => runKey(action, room, member, leave),
    });
    this.#onDigit = this.#withoutPoundOfPin((digit) => keys.push(digit));
    const end = await Promise.race([
      ended.then(({ reason }) => ({ reason, prompt: undefined })),
      leftByKey.then(() => ({ reason: 'left by key', prompt: undefined })),
      member.dismissed,
    ]);
    this.#onDigit = () => {};
    keys.close();
    room.leave(member, end.reason);
    return this.#sendAway(end.prompt, end.reason);
  }

  /** A PIN is known by its last digit: the pound sign that many press behind it is no key of the room. */
  #withoutPoundOfPin(push: (digit: string) => void): (digit: string) => void {
    const { clock } = this.#house.runtime;
    let poundUntil = this.#wasAsked ? clock.now() + POUND_MS : 0;
    return (digit) => {
      const isOfPin = digit === '#' && clock.now() < poundUntil;
      poundUntil = 0;
      if (!isOfPin) push(digit);
    };
  }

  #refusalBeforeAnswer(): Refusal | undefined {
    const room = this.#house.find(this.#name);
    if (room?.isFull) return 'full';
    const isLocked = room ? room.isLocked : this.#settings.locked;
    // Who may know the PIN of moderators is asked for it first.
    return isLocked && !this.#isModerator && this.#settings.moderatorPin === undefined ? 'locked' : undefined;
  }

  async #refuse(refusal: Refusal): Promise<string> {
    const reason = `the room is ${refusal}`;
    await this.#served.announce(this.#house.prompts.path(refusal));
    if (this.#left.signal.aborted) this.#served.refuse(487, REASONS.callerLeft);
    else this.#served.refuse(STATUS_OF[refusal], reason);
    return reason;
  }

  async #askRole(digits: DigitInbox): Promise<RoomRole | undefined> {
    const { pin, moderatorPin } = this.#settings;
    if (this.#isModerator) return 'moderator';
    if (pin === undefined && moderatorPin === undefined) return 'member';
    const { runtime, guard } = this.#house;
    const signal = this.#left.signal;
    this.#wasAsked = true;
    const dialogue = { runtime, guard, digits, signal, voice: this.#voice, user: this.#served.user.name };
    return askPin(this.#settings, dialogue);
  }

  get #isModerator(): boolean {
    return this.#settings.moderators.includes(this.#served.user.name);
  }

  /** Says the last word, and hangs up. */
  async #sendAway(prompt: PromptName | undefined, reason: string): Promise<string> {
    const { session } = this.#served;
    if (prompt !== undefined && !this.#left.signal.aborted) {
      const said = new AbortController();
      const patience = sleep(
        this.#house.runtime,
        LONGEST_GOODBYE_MS,
        AbortSignal.any([this.#left.signal, said.signal]),
      );
      await Promise.race([this.#voice.say(prompt), patience]);
      said.abort();
    }
    session.end();
    return reason;
  }

  #handleRequest(incoming: SessionEvents['request']): void {
    const { request, respond } = incoming;
    if (request.method !== 'INFO') return respond(405, { headers: CAPABILITY_HEADERS });
    const digit = parseInfoDigit(request);
    if (digit instanceof DecodeError) return respond(400, { reason: 'Bad Request: INFO body' });
    if (digit) {
      void this.#served.media.expectInfoDigits().catch(() => {}); // The leg is closed: nobody listens any more.
      this.#onDigit(digit.digit);
      return respond(200);
    }
    const command = parseRoomCommand(request);
    if (command instanceof DecodeError) return respond(400, { reason: 'Bad Request: room command' });
    if (command) return void this.#runCommand(command, respond);
    if (refusePackage(incoming)) return;
    // RFC 2976 §2.2: an INFO without a body asks whether the call is still there.
    if (request.body.length === 0) return respond(200);
    respond(415, { headers: [['Accept', [DTMF_RELAY_TYPE, ROOM_COMMAND_TYPE].join(', ')]] });
  }

  async #runCommand(command: RoomCommand, respond: SessionEvents['request']['respond']): Promise<void> {
    const place = this.#place;
    const reply = place
      ? await runRoomCommand(place.room, place.member, command)
      : { ok: false, reason: 'you are not in the room yet' };
    respond(200, { body: formatRoomReply(reply), contentType: ROOM_COMMAND_TYPE });
  }

  /** Whether the caller wants to hear us; who does not any more has put us on hold (RFC 3264 §8.4). */
  get #hears(): boolean {
    const direction = this.#served.media.agreed?.remote.direction;
    return direction !== undefined && canSend(direction);
  }

  #noteHold(): void {
    const hears = this.#hears;
    this.#couldHear ||= hears;
    if (this.#couldHear) this.#place?.room.floor.setHeld(this.#place.member, !hears);
  }
}
