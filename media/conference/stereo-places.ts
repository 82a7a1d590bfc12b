// Spatial rooms: each place where somebody listens has a mix of its own, in which every talker comes from where it is.
import { addMono, type Hearing } from './hearing.ts';
import { BEAT_FRAMES, Mix } from './mix.ts';
import { remove } from './remove.ts';
import type { RoomMember } from './room-member.ts';
import { type Place, SpatialPanner } from './spatial-panner.ts';

/** What panners that begin in the middle of a word hear before, and nobody else does. */
const unheard = new Float32Array(2 * BEAT_FRAMES);

/** A place in a room, and who listens there. */
export class StereoPlace implements Hearing {
  readonly mix = new Mix(2);
  readonly listeners: RoomMember[] = [];
  place: Place;
  readonly #panners = new Map<RoomMember, SpatialPanner>();
  /** What those who listen here said in this beat, as it is heard here. */
  readonly #ownVoices = new Map<RoomMember, Float32Array>();

  constructor(place: Place) {
    this.place = place;
  }

  /** Voices of the beat before as they were heard elsewhere: from here on they move to where they are heard here. */
  continueFrom(before: Place, voices: readonly RoomMember[]): void {
    for (const member of voices) {
      const panner = this.#panner(member);
      panner.place(before, member.placeBefore);
      panner.mix(member.voiceBefore, unheard);
    }
    unheard.fill(0);
  }

  /** Sums one beat. */
  sum(
    voices: readonly RoomMember[],
    lastWords: readonly Float32Array[],
    sound: Float32Array | undefined,
  ): void {
    const { sum } = this.mix;
    sum.fill(0);
    if (sound) addMono(sum, 2, sound, 1);
    for (const word of lastWords) addMono(sum, 2, word, 1);
    for (const member of voices) this.#add(member, sum);
    for (const member of this.#panners.keys()) if (!member.isHeard) this.#forget(member);
    this.mix.finish();
  }

  subtract(member: RoomMember, sum: Float32Array): void {
    const own = this.#ownVoices.get(member);
    if (own) for (let i = 0; i < sum.length; i += 1) sum[i]! -= own[i]!;
  }

  #add(member: RoomMember, sum: Float32Array): void {
    const panner = this.#panner(member);
    panner.place(this.place, member.place);
    if (member.hearing !== this) return panner.mix(member.voice, sum);
    const own = this.#ownVoices.get(member) ?? new Float32Array(2 * BEAT_FRAMES);
    this.#ownVoices.set(member, own);
    own.fill(0);
    panner.mix(member.voice, own);
    for (let i = 0; i < sum.length; i += 1) sum[i]! += own[i]!;
  }

  #forget(member: RoomMember): void {
    this.#panners.delete(member);
    this.#ownVoices.delete(member);
  }

  #panner(member: RoomMember): SpatialPanner {
    const panner = this.#panners.get(member) ?? new SpatialPanner();
    this.#panners.set(member, panner);
    return panner;
  }
}

/** Where members of one room listen. Those at one place share its mix. */
export class StereoPlaces {
  readonly all: StereoPlace[] = [];

  /** Somebody begins to listen. */
  enter(member: RoomMember): StereoPlace {
    const known = this.all.find(({ place }) => isSamePlace(place, member.place));
    const place = known ?? this.#add(member.place);
    place.listeners.push(member);
    return place;
  }

  leave(member: RoomMember, place: StereoPlace): void {
    remove(place.listeners, member);
    if (place.listeners.length === 0) remove(this.all, place);
  }

  /**
   * Somebody who listens has moved, or turned. Whoever is alone takes the mix along, others get one that goes on from
   * theirs: from where they were they move within a beat.
   *
   * @param voices - that are heard now
   */
  move(member: RoomMember, from: StereoPlace, voices: readonly RoomMember[]): StereoPlace {
    if (from.listeners.length === 1 && voices.length > 0) {
      from.place = member.place;
      return from;
    }
    this.leave(member, from);
    if (voices.length === 0) return this.enter(member);
    const place = this.#add(member.place);
    place.continueFrom(from.place, voices);
    place.listeners.push(member);
    return place;
  }

  #add(at: Place): StereoPlace {
    const place = new StereoPlace(at);
    this.all.push(place);
    return place;
  }
}

function isSamePlace(a: Place, b: Place): boolean {
  if (!a.position || !b.position) return a.position === b.position;
  const [p, q] = [a.position, b.position];
  return p.x === q.x && p.y === q.y && p.z === q.z && a.facingDegrees === b.facingDegrees;
}
