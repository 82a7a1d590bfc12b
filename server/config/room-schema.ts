// The shape of `conference:` and `rooms:` in patchcord.yaml. Defaults are in server/room/settings.ts.
import { statSync } from 'node:fs';
import { z } from 'zod';
import { isOnDemandPattern } from '../room/on-demand.ts';
import { DEFAULT_ON_DEMAND, DEFAULT_ROOM_SETTINGS, hasModerators, roomSettings } from '../room/settings.ts';
import { announcements, keyPresets, moderatorEndings } from '../room/types.ts';
import { isUserName, USER_NAME_RULE } from './user-name.ts';

// Not a number: YAML would take the 0 from the front of 0123.
const pin = z
  .string({ error: 'should be digits in quotes, as in "1234"' })
  .regex(/^\d{1,16}$/, { message: 'should be 1 to 16 digits in quotes, as in "1234"' });

const name = z.string().refine(isUserName, { message: `should be ${USER_NAME_RULE}` });

/** What may be said of one room, and of all. */
const room = z
  .strictObject({
    pin,
    moderatorPin: pin,
    moderators: z.array(name).max(1000),
    waitForModerator: z.boolean(),
    whenModeratorLeaves: z.enum(moderatorEndings),
    maxMembers: z.number().int().min(1).max(10_000),
    announce: z.enum(announcements),
    listenOnly: z.boolean(),
    locked: z.boolean(),
    spatial: z.boolean(),
    maxTalkers: z.number().int().min(1).max(32),
    automaticGain: z.boolean(),
    noiseGate: z.boolean(),
    keys: z.enum(keyPresets),
    record: z.boolean(),
    levelIntervalMs: z.number().int().min(0).max(60_000),
  })
  .partial();

const onDemandPattern = z.union([z.string(), z.number()]).transform(String).refine(isOnDemandPattern, {
  message: 'should be a number, FIRST-LAST, or the beginning of names with a star, as in "3000-3099"',
});

const onDemand = z.union([
  z.literal('off').transform((): string[] => []),
  onDemandPattern.transform((one) => [one]),
  z.array(onDemandPattern).max(100),
]);

const folder = z
  .string()
  .refine((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true, {
    message: 'should name a folder that exists',
  });

const { moderators, ...defaults } = DEFAULT_ROOM_SETTINGS;
const { shape } = room;

/** All rooms together. */
export const conference = room.extend({
  moderators: shape.moderators.unwrap().default([...moderators]),
  waitForModerator: shape.waitForModerator.unwrap().default(defaults.waitForModerator),
  whenModeratorLeaves: shape.whenModeratorLeaves.unwrap().default(defaults.whenModeratorLeaves),
  maxMembers: shape.maxMembers.unwrap().default(defaults.maxMembers),
  announce: shape.announce.unwrap().default(defaults.announce),
  listenOnly: shape.listenOnly.unwrap().default(defaults.listenOnly),
  locked: shape.locked.unwrap().default(defaults.locked),
  spatial: shape.spatial.unwrap().default(defaults.spatial),
  maxTalkers: shape.maxTalkers.unwrap().default(defaults.maxTalkers),
  automaticGain: shape.automaticGain.unwrap().default(defaults.automaticGain),
  noiseGate: shape.noiseGate.unwrap().default(defaults.noiseGate),
  keys: shape.keys.unwrap().default(defaults.keys),
  record: shape.record.unwrap().default(defaults.record),
  levelIntervalMs: shape.levelIntervalMs.unwrap().default(defaults.levelIntervalMs),
  onDemand: onDemand.default([...DEFAULT_ON_DEMAND]),
  prompts: folder.optional(),
});

/** Rooms by name. */
export const rooms = z.record(name, room);

/** The parts of a configuration that must fit together. */
interface Together {
  readonly conference: z.output<typeof conference>;
  readonly rooms: z.output<typeof rooms>;
  readonly users: Readonly<Record<string, unknown>>;
}

/** What is wrong with rooms as a whole, each with its place. */
export function checkRooms(
  configuration: Together,
  addIssue: (path: readonly string[], message: string) => void,
): void {
  const { conference: all, rooms: named, users } = configuration;
  for (const [place, given] of [[['conference'], {}] as const, ...Object.entries(named).map(placed)]) {
    const settings = roomSettings(given, all);
    const at = (setting: string) => (setting in given || place[0] === 'conference' ? place : ['conference']);
    if (settings.waitForModerator && !hasModerators(settings)) {
      addIssue([...at('waitForModerator'), 'waitForModerator'], 'needs moderatorPin or moderators beside it');
    }
    if (settings.locked && !hasModerators(settings)) {
      addIssue(
        [...at('locked'), 'locked'],
        'needs moderatorPin or moderators beside it: nobody could come in',
      );
    }
    if (settings.pin !== undefined && settings.pin === settings.moderatorPin) {
      addIssue([...at('moderatorPin'), 'moderatorPin'], 'should be another one than pin');
    }
  }
  for (const room of Object.keys(named)) {
    if (Object.hasOwn(users, room))
      addIssue(['rooms', room], 'should have another name: a user is called so');
  }
}

function placed([name, given]: readonly [string, z.output<typeof rooms>[string]]) {
  return [['rooms', name] as readonly string[], given] as const;
}
