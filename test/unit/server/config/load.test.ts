import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../../../core/index.ts';
import { codecNames, encodeOggPage, encodeWav } from '../../../../media/index.ts';
import {
  type Configuration,
  EXAMPLE_CONFIGURATION,
  loadConfiguration,
  SETTINGS,
  variableOf,
} from '../../../../server/config/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchcord-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function load(
  text: string,
  more: { flags?: Record<string, string>; environment?: Record<string, string> } = {},
): Configuration {
  const file = join(folder, 'patchcord.yaml');
  writeFileSync(file, text);
  return loadConfiguration({ file, ...more });
}

function refusal(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** RFC 7845 §5.1: version 1, one channel, and nothing else. */
const OPUS_HEAD = `OpusHead\x01\x01${'\0'.repeat(9)}`;

/** A file of Ogg Opus, a page for each packet. */
function oggOpus(...packets: readonly string[]): Buffer {
  const pages = packets.map((packet, pageNumber) =>
    encodeOggPage({
      isContinued: false,
      isFirst: pageNumber === 0,
      isLast: pageNumber === packets.length - 1,
      granulePosition: 960 * pageNumber,
      serialNumber: 7,
      pageNumber,
      pieces: [Buffer.from(packet, 'latin1')],
      isOpen: false,
    }),
  );
  return Buffer.concat(pages);
}

describe('loadConfiguration()', () => {
  test('an empty file gives the defaults', () => {
    expect(load('')).toEqual({
      dataFolder: 'patchcord-data',
      advertisedAddress: [],
      domains: [],
      digest: ['SHA-256', 'MD5'],
      sip: {},
      media: {
        ports: { first: 10_000, last: 20_000 },
        sockets: 'auto',
        inactivitySeconds: 60,
        transcoding: true,
        codecs: [...codecNames],
        opusEngine: 'libopus-wasm',
        redundancy: 'auto',
        direct: 'auto',
      },
      turn: {
        relayPorts: { first: 49_152, last: 65_535 },
        perUser: 64,
        total: 4096,
        allowPeers: [],
        denyPeers: [],
        credentialHours: 24,
        otherAddress: 'auto',
      },
      announcements: {},
      log: 'warn',
      quality: {},
      recording: { calls: 'never', format: 'opus', tracks: true, beep: true },
      ringSeconds: 60,
      drainSeconds: 30,
      maxCalls: 2000,
      users: {},
      conference: {
        onDemand: ['3000'],
        moderators: [],
        waitForModerator: false,
        whenModeratorLeaves: 'wait',
        maxMembers: 100,
        announce: 'tones',
        listenOnly: false,
        locked: false,
        spatial: false,
        maxTalkers: 5,
        automaticGain: true,
        noiseGate: true,
        keys: 'confbridge',
        record: false,
        levelIntervalMs: 0,
      },
      rooms: {},
    });
  });

  test('the example is valid, says the defaults, and names every setting', () => {
    expect(load(EXAMPLE_CONFIGURATION)).toEqual(load(''));
    for (const { path } of SETTINGS) expect(EXAMPLE_CONFIGURATION).toContain(`${path.at(-1)}:`);
  });

  test('the example is valid with its comments taken away', () => {
    const wav = join(folder, 'any.wav');
    writeFileSync(wav, encodeWav({ sampleRateHz: 8000, channels: 1, pcm: new Int16Array(80) }));
    const uncommented = EXAMPLE_CONFIGURATION.replace(/^# (?=\w+:| {2}\w)/gm, '')
      .replace(/^(\s*)# (?=workers:|codecs:|holdMusic:|prompts:)/gm, '$1')
      .replace(/[\w-]+\.wav/g, wav)
      .replace('users: {}', 'users:')
      .replace('rooms: {}', 'rooms:')
      .replace('my-prompts', folder)
      .replace(/^#(?= {2})/gm, '');
    const configuration = load(uncommented.replace(/^Nothing.*$/gm, ''));
    expect(configuration).toMatchObject({ realm: 'example.org', advertisedAddress: ['203.0.113.7'] });
    expect(configuration.sip.udp).toHaveLength(2);
    expect(configuration.announcements.unavailable).toBe(wav);
    expect(configuration.media.codecs).toEqual(['opus', 'g722', 'pcmu', 'pcma']);
    expect(configuration.rooms.lounge).toMatchObject({ pin: '1234', moderators: ['alice'] });
    expect(configuration.users.alice?.forward.noAnswer).toEqual({
      target: 'sip:alice@mobile.example.org',
      afterSeconds: 20,
    });
  });

  test('a room may be called as what every object has', () => {
    expect(load('rooms: { constructor: { maxMembers: 3 } }').rooms.constructor).toEqual({ maxMembers: 3 });
  });

  test('flags beat environment beats file beats defaults', () => {
    const environment = { PATCHCORD_RING_SECONDS: '30', PATCHCORD_MAX_CALLS: '7' };
    const configuration = load('ringSeconds: 20\nmaxCalls: 5\ndrainSeconds: 3', {
      environment,
      flags: { ringSeconds: '40' },
    });
    expect(configuration).toMatchObject({ ringSeconds: 40, maxCalls: 7, drainSeconds: 3, log: 'warn' });
  });

  test.each([
    { text: 'sip: { udp: "127.0.0.1:5070" }', expected: [{ address: '127.0.0.1', port: 5070 }] },
    { text: 'sip: { udp: "[::1]:5070" }', expected: [{ address: '::1', port: 5070 }] },
    { text: 'sip: { udp: 5070 }', expected: [{ address: '0.0.0.0', port: 5070 }] },
    { text: 'sip: { udp: 127.0.0.1 }', expected: [{ address: '127.0.0.1', port: 5060 }] },
    { text: 'sip: { udp: off }', expected: [] },
    {
      text: 'sip: { udp: ["127.0.0.1:0", "127.0.0.2:0"] }',
      expected: [
        { address: '127.0.0.1', port: 0 },
        { address: '127.0.0.2', port: 0 },
      ],
    },
  ])('listens: $text', ({ text, expected }) => {
    expect(load(text).sip.udp).toEqual(expected);
  });

  test('a list from the environment is split at commas', () => {
    const environment = { PATCHCORD_SIP_TCP: '127.0.0.1:1, 127.0.0.1:2', PATCHCORD_SIP_UDP: 'off' };
    expect(load('', { environment }).sip).toEqual({
      udp: [],
      tcp: [
        { address: '127.0.0.1', port: 1 },
        { address: '127.0.0.1', port: 2 },
      ],
    });
  });

  test('forwarding on no answer may be a target alone', () => {
    const { users } = load('users:\n  alice: { password: x, forward: { noAnswer: bob } }');
    expect(users.alice?.forward.noAnswer).toEqual({ target: 'bob', afterSeconds: 20 });
  });

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

  test('sound files are checked whole: WAV and Ogg Opus', () => {
    const [wav, opus] = [join(folder, 'sound.wav'), join(folder, 'sound.opus')];
    writeFileSync(wav, encodeWav({ sampleRateHz: 8000, channels: 1, pcm: new Int16Array(80) }));
    writeFileSync(opus, oggOpus(OPUS_HEAD, 'OpusTags', 'a packet'));
    expect(load(`media: { holdMusic: ${opus} }`).media.holdMusic).toBe(opus);
    expect(load(`announcements: { busy: ${wav}, noAnswer: ${opus} }`).announcements).toEqual({
      busy: wav,
      noAnswer: opus,
    });
    writeFileSync(opus, oggOpus(OPUS_HEAD, 'OpusTags'));
    expect(refusal(() => load(`media: { holdMusic: ${opus} }`))).toMatch(/the file has no sound in it/);
    writeFileSync(wav, 'RIFF, and then nothing');
    expect(refusal(() => load(`announcements: { busy: ${wav} }`))).toMatch(/announcements.busy is .*WAV/);
  });

  test('L16 is taken where it is named, and not by itself', () => {
    expect(load('media: { codecs: [l16, pcmu] }').media.codecs).toEqual(['l16', 'pcmu']);
    expect(load('').media.codecs).not.toContain('l16');
  });

  test('a switch is set by a flag or a variable', () => {
    expect(load('', { flags: { transcoding: 'false' } }).media.transcoding).toBe(false);
    expect(load('media: { transcoding: false }', { environment: { PATCHCORD_TRANSCODING: 'true' } })).toEqual(
      load(''),
    );
    expect(refusal(() => load('', { flags: { transcoding: 'yes' } }))).toBe(
      '--transcoding: is "yes"; it should be true or false',
    );
  });

  test('names the flag or the variable where the value came from there', () => {
    expect(refusal(() => load('ringSeconds: 1', { flags: { ringSeconds: 'x' } }))).toBe(
      '--ring-seconds: is "x"; it should be a number',
    );
    expect(refusal(() => load('', { environment: { PATCHCORD_MEDIA_PORTS: '1-2' } }))).toMatch(
      /^PATCHCORD_MEDIA_PORTS: is "1-2"; it should be FIRST-LAST/,
    );
  });

  test('a mistyped variable is refused, a foreign one is not', () => {
    expect(refusal(() => load('', { environment: { PATCHCORD_RELM: 'x' } }))).toBe(
      'the environment variable PATCHCORD_RELM is not known; did you mean PATCHCORD_REALM?',
    );
    const environment = { PATCHCORD_PASSWORD: 'x', PATCHCORD_SERVER: 'y', PATCHCORD_USER: 'z', OTHER: '1' };
    expect(load('', { environment }).ringSeconds).toBe(60);
  });

  test('a file that was named must exist', () => {
    expect(refusal(() => loadConfiguration({ file: join(folder, 'absent.yaml') }))).toMatch(/does not exist/);
  });

  test('a wrong password is never shown', () => {
    expect(refusal(() => load('users: { alice: { password: 12345678 } }'))).not.toContain('12345678');
  });
});

test('variableOf() gives each setting its own name', () => {
  const names = SETTINGS.map(variableOf);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('PATCHCORD_MEDIA_PORTS');
});
