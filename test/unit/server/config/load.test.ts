import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codecNames, encodeOggPage, encodeWav } from '../../../../media/index.ts';
import {
  EXAMPLE_CONFIGURATION,
  loadConfiguration,
  SETTINGS,
  variableOf,
} from '../../../../server/config/index.ts';
import { useTempFolder } from '../../../support/use-temp-folder.ts';
import { loaderIn, refusal } from './loading.ts';

const folder = useTempFolder('config');
const load = loaderIn(folder);

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
    const wav = join(folder(), 'any.wav');
    writeFileSync(wav, encodeWav({ sampleRateHz: 8000, channels: 1, pcm: new Int16Array(80) }));
    const uncommented = EXAMPLE_CONFIGURATION.replace(/^# (?=\w+:| {2}\w)/gm, '')
      .replace(/^(\s*)# (?=workers:|codecs:|holdMusic:|prompts:)/gm, '$1')
      .replace(/[\w-]+\.wav/g, wav)
      .replace('users: {}', 'users:')
      .replace('rooms: {}', 'rooms:')
      .replace('my-prompts', folder())
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

  test('sound files are checked whole: WAV and Ogg Opus', () => {
    const [wav, opus] = [join(folder(), 'sound.wav'), join(folder(), 'sound.opus')];
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
    expect(refusal(() => loadConfiguration({ file: join(folder(), 'absent.yaml') }))).toMatch(
      /does not exist/,
    );
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
