// Events of a worker name legs and rooms by its own numbers.

/** Number here by number there; undefined where it is gone. */
export interface IdMaps {
  leg(remoteId: number): number | undefined;
  room(remoteId: number): number | undefined;
}

/** What events may name, besides whatever else is in them. */
interface Named {
  readonly legId?: number;
  readonly roomId?: number;
  readonly levels?: readonly Named[];
}

/** @returns the payload with numbers of this side; undefined where what it is about is gone */
export function mapIds(payload: Named, maps: IdMaps): object | undefined {
  const { legId, roomId, levels } = payload;
  const leg = legId === undefined ? {} : { legId: maps.leg(legId) };
  const room = roomId === undefined ? {} : { roomId: maps.room(roomId) };
  if (('legId' in leg && leg.legId === undefined) || ('roomId' in room && room.roomId === undefined)) {
    return undefined;
  }
  const inner = levels && { levels: levels.map((level) => mapIds(level, maps)).filter(Boolean) };
  return { ...payload, ...leg, ...room, ...inner };
}
