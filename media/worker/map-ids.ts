// Events of a worker name legs, rooms and recordings by its own numbers.

/** Number here by number there; undefined where it is gone. */
export interface IdMaps {
  leg(remoteId: number): number | undefined;
  room(remoteId: number): number | undefined;
  recording(remoteId: number): number | undefined;
}

/** What events may name, besides whatever else is in them. */
interface Named {
  readonly legId?: number;
  readonly roomId?: number;
  readonly recordingId?: number;
  readonly levels?: readonly Named[];
}

/** @returns the payload with numbers of this side; undefined where what it is about is gone */
export function mapIds(payload: Named, maps: IdMaps): object | undefined {
  const { legId, roomId, recordingId, levels } = payload;
  const mapped = {
    ...(legId === undefined ? {} : { legId: maps.leg(legId) }),
    ...(roomId === undefined ? {} : { roomId: maps.room(roomId) }),
    ...(recordingId === undefined ? {} : { recordingId: maps.recording(recordingId) }),
  };
  if (Object.values(mapped).includes(undefined)) return undefined;
  const inner = levels && { levels: levels.map((level) => mapIds(level, maps)).filter(Boolean) };
  return { ...payload, ...mapped, ...inner };
}
