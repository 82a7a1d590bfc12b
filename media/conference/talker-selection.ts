// Who of those that may be talking is mixed: at most K, and for a moment one more who begins to talk.
import { SILENCE_DBOV } from '../audio/index.ts';

/** Somebody who may be talking in this beat. */
export interface TalkerCandidate {
  readonly legId: number;
  /** Of this beat, before any gain. */
  readonly levelDbov: number;
}

/** Louder than this is talking. */
const TALKING_DBOV = -50;
/** Pauses between words: a talker keeps its place for so long. */
export const HANGOVER_MS = 500;
/** A talker who pauses for so long gives way before the hangover ends: to one who begins, and to one who waits. */
const YIELDS_TO_NEWCOMER_MS = 100;
const YIELDS_MS = 300;
/** How long a newcomer is heard beside K others before it must be louder than one of them. */
export const GUEST_MS = 1000;
/** Whoever has a place keeps it so long against others who talk. */
const LEAST_STAY_MS = 500;
/** A challenger is louder by so much, for so long. */
const MARGIN_DB = 6;
const MARGIN_MS = 100;
/** Who talks without being heard counts as louder by this from second to second: in the end everybody is heard. */
const PATIENCE_DB_PER_SECOND = 1;
/** Levels are compared as they are over some beats of talking: up within 100 ms, down within 200. */
const RISE = 0.2;
const FALL = 0.1;
/** What is known of somebody who has not been a candidate for so long is forgotten. */
const FORGET_MS = 10_000;
const FORGET_EVERY_MS = 1000;

/** What is known of one who was a candidate of late. */
interface Talker {
  readonly legId: number;
  levelDbov: number;
  isTalking: boolean;
  /** When it was last a candidate that talked; and since when, pauses between words included. */
  talkedAt: number;
  spurtAt: number;
  place: 'none' | 'guest' | 'kept';
  placedAt: number;
  /** Since when it talks without a place; and since when it was clearly louder than one who has one. */
  waitsSince: number;
  louderSince: number | undefined;
  wasGuest: boolean;
}

/**
 * Chooses the talkers of one room, beat by beat:
 *
 * - while there is room, whoever talks gets a place at once, and keeps it through a pause of {@link HANGOVER_MS};
 * - where there is none, one who begins to talk takes the place of the one who has paused longest; where nobody pauses,
 *   it is heard beside them as a guest for {@link GUEST_MS}, one guest at a time;
 * - whoever is louder by {@link MARGIN_DB} for {@link MARGIN_MS} replaces the softest. Who talks unheard counts as
 *   louder with every second, so that equals are not exchanged to and fro, and nobody is shut out for ever.
 *
 * It depends on nothing but what it is told; it allocates when somebody becomes a candidate, and not by the beat.
 */
export class TalkerSelection<Candidate extends TalkerCandidate = TalkerCandidate> {
  readonly #maxTalkers: number;
  readonly #talkers = new Map<number, Talker>();
  readonly #selected: Candidate[] = [];
  #kept = 0;
  #guest: Talker | undefined;
  #forgotAt = Number.NEGATIVE_INFINITY;

  /** @param maxTalkers - K, 1 or more */
  constructor(maxTalkers: number) {
    this.#maxTalkers = maxTalkers;
  }

  /**
   * Decides one beat.
   *
   * @param candidates - each leg once; whoever is not among them is silent
   * @returns those of them who are mixed, at most K + 1, in the order in which they came; the same array every time
   */
  select(now: number, candidates: readonly Candidate[]): readonly Candidate[] {
    for (const talker of this.#talkers.values()) talker.isTalking = false;
    for (const candidate of candidates) this.#hear(now, candidate);
    this.#release(now);
    for (const candidate of candidates) this.#seat(now, candidate.legId);
    this.#challenge(now);
    return this.#list(candidates);
  }

  /** Whether somebody has a place, also while it pauses. */
  isSelected(legId: number): boolean {
    const place = this.#talkers.get(legId)?.place;
    return place === 'kept' || place === 'guest';
  }

  /** Somebody has left the room, or was muted. */
  remove(legId: number): void {
    const talker = this.#talkers.get(legId);
    if (!talker) return;
    this.#unseat(talker);
    this.#talkers.delete(legId);
  }

  #hear(now: number, { legId, levelDbov }: Candidate): void {
    const isTalking = levelDbov > TALKING_DBOV;
    const talker = this.#talkers.get(legId) ?? (isTalking ? this.#meet(now, legId) : undefined);
    if (!talker) return;
    talker.isTalking = isTalking;
    if (!isTalking) return;
    if (now - talker.talkedAt > HANGOVER_MS) {
      talker.spurtAt = now;
      talker.waitsSince = now;
      talker.wasGuest = false;
      talker.levelDbov = levelDbov;
    }
    talker.talkedAt = now;
    talker.levelDbov += (levelDbov > talker.levelDbov ? RISE : FALL) * (levelDbov - talker.levelDbov);
  }

  #meet(now: number, legId: number): Talker {
    const talker: Talker = {
      legId,
      levelDbov: SILENCE_DBOV,
      isTalking: false,
      talkedAt: Number.NEGATIVE_INFINITY,
      spurtAt: now,
      place: 'none',
      placedAt: now,
      waitsSince: now,
      louderSince: undefined,
      wasGuest: false,
    };
    this.#talkers.set(legId, talker);
    return talker;
  }

  /** Takes the places of those who have stopped, and the guest's when its time is over. */
  #release(now: number): void {
    for (const talker of this.#talkers.values()) {
      if (talker.place !== 'none' && now - talker.talkedAt > HANGOVER_MS) this.#unseat(talker);
    }
    const guest = this.#guest;
    if (guest && this.#kept < this.#maxTalkers) this.#keep(now, guest);
    else if (guest && now - guest.placedAt >= GUEST_MS) this.#dismiss(now, guest);
    if (now - this.#forgotAt < FORGET_EVERY_MS) return;
    this.#forgotAt = now;
    for (const talker of this.#talkers.values()) {
      if (now - talker.talkedAt > FORGET_MS) this.#talkers.delete(talker.legId);
    }
  }

  /** A guest stays where somebody pauses, or has been heard for a while and is softer. */
  #dismiss(now: number, guest: Talker): void {
    const pausing = this.#longestPausing(now, YIELDS_TO_NEWCOMER_MS);
    const softest = this.#softest(now);
    this.#unseat(guest);
    guest.waitsSince = now;
    if (pausing) this.#replace(now, pausing, guest);
    else if (softest && guest.levelDbov > softest.levelDbov) this.#replace(now, softest, guest);
  }

  /** Gives a place to one who talks and has none, where that needs no comparison. */
  #seat(now: number, legId: number): void {
    const talker = this.#talkers.get(legId);
    if (!talker?.isTalking || talker.place !== 'none') return;
    if (this.#kept < this.#maxTalkers) {
      this.#keep(now, talker);
      return;
    }
    const isNewcomer = now - talker.spurtAt < GUEST_MS;
    const pausing = this.#longestPausing(now, isNewcomer ? YIELDS_TO_NEWCOMER_MS : YIELDS_MS);
    if (pausing) this.#replace(now, pausing, talker);
    else if (!this.#guest && !talker.wasGuest) this.#invite(now, talker);
  }

  #invite(now: number, talker: Talker): void {
    talker.place = 'guest';
    talker.placedAt = now;
    talker.wasGuest = true;
    this.#guest = talker;
  }

  /** The loudest of those who wait, against the softest of those who are heard; one exchange a beat. */
  #challenge(now: number): void {
    const softest = this.#softest(now);
    let challenger: Talker | undefined;
    for (const talker of this.#talkers.values()) {
      if (talker.place !== 'none') continue;
      if (!softest || !talker.isTalking || claim(now, talker) < softest.levelDbov + MARGIN_DB) {
        talker.louderSince = undefined;
        continue;
      }
      talker.louderSince ??= now;
      if (now - talker.louderSince < MARGIN_MS) continue;
      if (!challenger || claim(now, talker) > claim(now, challenger)) challenger = talker;
    }
    if (softest && challenger) this.#replace(now, softest, challenger);
  }

  /** The softest of those who have had a place for a while. */
  #softest(now: number): Talker | undefined {
    let softest: Talker | undefined;
    for (const talker of this.#talkers.values()) {
      if (talker.place !== 'kept' || now - talker.placedAt < LEAST_STAY_MS) continue;
      if (!softest || talker.levelDbov < softest.levelDbov) softest = talker;
    }
    return softest;
  }

  #longestPausing(now: number, leastMs: number): Talker | undefined {
    let pausing: Talker | undefined;
    for (const talker of this.#talkers.values()) {
      if (talker.place !== 'kept' || now - talker.talkedAt < leastMs) continue;
      if (!pausing || talker.talkedAt < pausing.talkedAt) pausing = talker;
    }
    return pausing;
  }

  #replace(now: number, old: Talker, talker: Talker): void {
    this.#unseat(old);
    old.waitsSince = now;
    // It has been heard: the place beside the others is for who has not.
    old.wasGuest = true;
    this.#keep(now, talker);
  }

  #keep(now: number, talker: Talker): void {
    if (this.#guest === talker) this.#guest = undefined;
    talker.place = 'kept';
    talker.placedAt = now;
    talker.louderSince = undefined;
    this.#kept += 1;
  }

  #unseat(talker: Talker): void {
    if (talker.place === 'kept') this.#kept -= 1;
    if (this.#guest === talker) this.#guest = undefined;
    talker.place = 'none';
    talker.louderSince = undefined;
  }

  #list(candidates: readonly Candidate[]): readonly Candidate[] {
    this.#selected.length = 0;
    for (const candidate of candidates) {
      if (this.isSelected(candidate.legId)) this.#selected.push(candidate);
    }
    return this.#selected;
  }
}

/** The level that one who waits is compared by. */
function claim(now: number, talker: Talker): number {
  return talker.levelDbov + (PATIENCE_DB_PER_SECOND * (now - talker.waitsSince)) / 1000;
}
