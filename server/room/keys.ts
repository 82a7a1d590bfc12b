// The keys that members press, by preset. "Ours" marks what the model leaves free and rooms need.
//
// confbridge: sample_user_menu and sample_admin_menu of Asterisk, configs/samples/confbridge.conf.sample; what its
//   actions do is told in the configuration reference of app_confbridge.
// freeswitch: caller-controls, group "default", of FreeSWITCH, conf/vanilla/autoload_configs/conference.conf.xml.
//   Its moderators have the same group, so that all keys of moderators are ours.
import type { RoomRole, RoomSettings } from './types.ts';

export type KeyAction =
  | 'menu'
  | 'toggleMute'
  | 'toggleDeafMute'
  | 'talkLouder'
  | 'talkQuieter'
  | 'talkReset'
  | 'leave'
  | 'count'
  | 'toggleLock'
  | 'kickLast'
  | 'toggleMuteAll'
  | 'toggleRecording'
  /** Known to the model, and of no effect here: listening volume is the phone's, the gate has no threshold to set. */
  | 'none';

export type KeyTable = ReadonlyMap<string, KeyAction>;

/** ConfBridge knows each key with and without the star. */
const starred = (keys: Readonly<Record<string, KeyAction>>): readonly (readonly [string, KeyAction])[] =>
  Object.entries(keys).flatMap(([key, action]) => [[key, action] as const, [`*${key}`, action] as const]);

const CONFBRIDGE_ALL = {
  1: 'toggleMute',
  4: 'none', // decrease_listening_volume
  6: 'none', // increase_listening_volume
  7: 'talkQuieter',
  9: 'talkLouder',
  5: 'count', // ours: participant_count, which the samples leave out
} as const;

const CONFBRIDGE: Readonly<Record<RoomRole, KeyTable>> = {
  member: new Map([['*', 'menu'] as const, ...starred({ ...CONFBRIDGE_ALL, 8: 'leave' })]),
  moderator: new Map([
    ['*', 'menu'] as const,
    ...starred({
      ...CONFBRIDGE_ALL,
      2: 'toggleLock',
      3: 'kickLast',
      8: 'none', // no_op: a moderator does not leave by mistake
      0: 'toggleMuteAll', // ours: admin_toggle_mute_participants
    }),
    ['*#', 'toggleRecording'] as const, // ours
  ]),
};

const FREESWITCH_ALL: readonly (readonly [string, KeyAction])[] = [
  ['0', 'toggleMute'],
  ['*', 'toggleDeafMute'],
  ['1', 'talkQuieter'],
  ['2', 'talkReset'],
  ['3', 'talkLouder'],
  ['4', 'none'], // vol listen dn
  ['5', 'none'], // vol listen zero
  ['6', 'none'], // vol listen up
  ['7', 'none'], // energy dn
  ['8', 'none'], // energy equ
  ['9', 'none'], // energy up
  ['#', 'leave'],
];

const FREESWITCH: Readonly<Record<RoomRole, KeyTable>> = {
  member: new Map(FREESWITCH_ALL),
  moderator: new Map([
    ...FREESWITCH_ALL,
    // All ours.
    ['*1', 'toggleLock'],
    ['*2', 'kickLast'],
    ['*3', 'toggleMuteAll'],
    ['*4', 'toggleRecording'],
    ['*5', 'count'],
  ]),
};

const NO_KEYS: KeyTable = new Map();

export const KEY_TABLES: Readonly<Record<RoomSettings['keys'], Readonly<Record<RoomRole, KeyTable>>>> = {
  confbridge: CONFBRIDGE,
  freeswitch: FREESWITCH,
  none: { member: NO_KEYS, moderator: NO_KEYS },
};
