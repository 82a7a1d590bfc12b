// What is wrong in a file, and what is said of it.
import { describe, expect, test } from 'vitest';
import { useTempFolder } from '../../../support/use-temp-folder.ts';
import { loaderIn, refusal } from './loading.ts';

const load = loaderIn(useTempFolder('refusals'));

describe('loadConfiguration()', () => {
  test.each([
    {
      name: 'a mistyped name',
      text: 'log: info\nringSecond: 3',
      expected: 'patchcord.yaml:2: ringSecond is not known; did you mean "ringSeconds"?',
    },
    {
      name: 'a mistyped name further in',
      text: 'users:\n  alice:\n    pasword: x',
      expected: 'patchcord.yaml:3: users.alice.pasword is not known; did you mean "password"?',
    },
    {
      name: 'a mistyped forwarding',
      text: 'users:\n  alice: { password: x, forward: { bussy: bob } }',
      expected: 'patchcord.yaml:2: users.alice.forward.bussy is not known; did you mean "busy"?',
    },
    {
      name: 'a name that is near to none',
      text: 'sip: { quic: 1 }',
      expected: 'patchcord.yaml:1: sip.quic is not known; known here: udp, tcp',
    },
    {
      name: 'no password',
      text: 'users:\n  alice: { displayName: Alice }',
      expected:
        'patchcord.yaml:2: users.alice.password is missing; add one, or leave the user out and run "patchcord user add alice"',
    },
    {
      name: 'a user name that cannot be dialled',
      text: 'users:\n  "*43": { password: x }',
      expected: /^patchcord.yaml:2: users.\*43 is no user name; it should be letters, digits/,
    },
    {
      name: 'too small',
      text: 'ringSeconds: 1',
      expected: 'patchcord.yaml:1: ringSeconds is 1; it should be at least 5',
    },
    {
      name: 'not a number',
      text: 'drainSeconds: soon',
      expected: 'patchcord.yaml:1: drainSeconds is "soon"; it should be a number',
    },
    {
      name: 'a fraction',
      text: 'drainSeconds: 1.5',
      expected: 'patchcord.yaml:1: drainSeconds is 1.5; it should be a whole number',
    },
    {
      name: 'not one of them',
      text: 'log: loud',
      expected: 'patchcord.yaml:1: log is "loud"; it should be one of error, warn, info, debug, silent',
    },
    {
      name: 'a host name to listen on',
      text: 'sip: { udp: "example.org:5060" }',
      expected:
        'patchcord.yaml:1: sip.udp is "example.org:5060"; it should be a numeric address with a port, as in "0.0.0.0:5060"',
    },
    {
      name: 'a backward port range',
      text: 'media:\n  ports: 20000-10000',
      expected:
        'patchcord.yaml:2: media.ports is "20000-10000"; it should be FIRST-LAST from 1024 to 65535, at least four ports, as in "10000-20000"',
    },
    {
      name: 'a mistyped name of the media',
      text: 'media: { port: 10000-20000 }',
      expected: 'patchcord.yaml:1: media.port is not known; did you mean "ports"?',
    },
    {
      name: 'neither true nor false',
      text: 'media: { transcoding: sometimes }',
      expected: 'patchcord.yaml:1: media.transcoding is "sometimes"; it should be true or false',
    },
    {
      name: 'sockets of another kind',
      text: 'media: { sockets: epoll }',
      expected: 'patchcord.yaml:1: media.sockets is "epoll"; it should be one of auto, linux, node',
    },
    {
      name: 'a codec that nobody knows',
      text: 'media: { codecs: [pcmu, mp3] }',
      expected: /^patchcord.yaml:1: media.codecs.1 is "mp3"; it should be one of opus, /,
    },
    {
      name: 'a codec twice',
      text: 'media: { codecs: [pcmu, pcmu] }',
      expected: 'patchcord.yaml:1: media.codecs is ["pcmu","pcmu"]; it should name each codec once',
    },
    {
      name: 'a sound file that is not there',
      text: 'media:\n  holdMusic: /nowhere/music.wav',
      expected:
        /^patchcord.yaml:2: media.holdMusic is "\/nowhere\/music.wav"; it should name a WAV or Ogg Opus file: ENOENT/,
    },
    {
      name: 'a sound file that is none',
      text: `announcements: { busy: ${import.meta.filename} }`,
      expected: /^patchcord.yaml:1: announcements.busy is ".*"; it should name a WAV or Ogg Opus file: /,
    },
    {
      name: 'a name as the address',
      text: 'advertisedAddress: example.org',
      expected:
        'patchcord.yaml:1: advertisedAddress is "example.org"; it should be a numeric address, as in "203.0.113.7"',
    },
    {
      name: 'an address at which nobody is reached',
      text: 'advertisedAddress: 0.0.0.0',
      expected:
        'patchcord.yaml:1: advertisedAddress is "0.0.0.0"; it should be an address at which phones reach this server, as in "203.0.113.7"',
    },
    {
      name: 'two public addresses of one family',
      text: 'advertisedAddress: [203.0.113.7, 10.0.0.5, 198.51.100.7]',
      expected:
        'patchcord.yaml:1: advertisedAddress.2 is "198.51.100.7"; it should not be the second of its kind: give one public and one private address of each family at most',
    },
    {
      name: 'a network that is none',
      text: 'insideNetworks: [10.0.0.0/33]',
      expected:
        'patchcord.yaml:1: insideNetworks.0 is "10.0.0.0/33"; it should be an address or a prefix, as in "10.0.0.0/8"',
    },
    {
      name: 'a PIN without quotes',
      text: 'rooms: { lounge: { pin: 0123 } }',
      expected:
        'patchcord.yaml:1: rooms.lounge.pin is not usable; it should be digits in quotes, as in "1234"',
    },
    {
      name: 'a PIN that is none, without showing it',
      text: 'rooms: { lounge: { pin: "12a4" } }',
      expected:
        'patchcord.yaml:1: rooms.lounge.pin is not usable; it should be 1 to 16 digits in quotes, as in "1234"',
    },
    {
      name: 'two PINs that are one',
      text: 'rooms: { lounge: { pin: "1", moderatorPin: "1" } }',
      expected:
        'patchcord.yaml:1: rooms.lounge.moderatorPin is not usable; it should be another one than pin',
    },
    {
      name: 'a wait for moderators who cannot come',
      text: 'rooms: { lounge: { waitForModerator: true } }',
      expected:
        'patchcord.yaml:1: rooms.lounge.waitForModerator is true; it needs moderatorPin or moderators beside it',
    },
    {
      name: 'a locked room without moderators, for all rooms',
      text: 'conference: { locked: true }',
      expected:
        'patchcord.yaml:1: conference.locked is true; it needs moderatorPin or moderators beside it: nobody could come in',
    },
    {
      name: 'a room that is called as a user, without showing its PIN',
      text: 'users: { bob: { password: x } }\nrooms: { bob: { pin: "77" } }',
      expected:
        'patchcord.yaml:2: rooms.bob is {"pin":"…"}; it should have another name: a user is called so',
    },
    {
      name: 'a room name that nobody can dial',
      text: 'rooms: { "a b": {} }',
      expected: /^patchcord.yaml:1: rooms.a b is no room name; it should be letters, digits/,
    },
    {
      name: 'a mistyped setting of a room',
      text: 'rooms: { lounge: { maxMember: 3 } }',
      expected: 'patchcord.yaml:1: rooms.lounge.maxMember is not known; did you mean "maxMembers"?',
    },
    {
      name: 'a range of rooms that is none',
      text: 'conference: { onDemand: ["3100-3000"] }',
      expected:
        /^patchcord.yaml:1: conference.onDemand.0 is "3100-3000"; it should be a number, FIRST-LAST, or/,
    },
    { name: 'a list', text: '- a', expected: /should be "name: value" lines/ },
    { name: 'no YAML', text: 'a: [1', expected: /^.*patchcord.yaml:\d+: not YAML: / },
    { name: 'a name twice', text: 'log: info\nlog: warn', expected: /not YAML: Map keys must be unique/ },
  ])('refuses $name, and says the mend', ({ text, expected }) => {
    const said = refusal(() => load(text));
    if (typeof expected === 'string') expect(said).toBe(expected);
    else expect(said).toMatch(expected);
  });
});
