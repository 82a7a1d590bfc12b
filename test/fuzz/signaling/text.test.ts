// SIP messages and descriptions of sessions: nothing may throw, hang, or come back different after a round trip.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import {
  createResponse,
  MalformedRequest,
  parseMessage,
  SipMessage,
  SipRequest,
  StreamFramer,
  serializeMessage,
} from '../../../signaling/message/index.ts';
import {
  formatRoomCommand,
  parseRoomCommand,
  parseRoomReply,
  ROOM_COMMAND_TYPE,
} from '../../../signaling/room-commands/index.ts';
import { parseSdp } from '../../../signaling/sdp/index.ts';
import { formatVqReport, parseVqReport } from '../../../signaling/vq-rtcpxr/index.ts';
import { INVITE_LINES, REGISTER_LINES, wire } from '../../unit/signaling/message/samples.ts';
import { PHONE_LINES } from '../../unit/signaling/sdp/samples.ts';
import * as qualityReports from '../../unit/signaling/vq-rtcpxr/samples.ts';
import { type FuzzTarget, fuzz } from '../support/fuzz.ts';

const DATA = process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../shared/data');
/** Strange messages of the world; those of this tree do where they are absent (set PATCHCORD_DATA). */
const FOLDERS = ['rfc4475', 'fuzz-corpora/kamailio-test-misc', 'fuzz-corpora/sipgo/raw'].filter((folder) =>
  existsSync(join(DATA, folder)),
);

const SDP = `${PHONE_LINES.join('\r\n')}\r\n`;

const FRAGMENTS = [
  '\r\n',
  '\r\n ',
  '\n',
  '\r',
  ':',
  ';',
  ',',
  '=',
  '"',
  '\\',
  '<',
  '>',
  '<sip:',
  '@',
  '[',
  ']',
  '%',
  '%00',
  '?',
  '*',
  ' ',
  '\t',
  '\0',
  'é',
  'Via: ',
  'l: ',
  '9'.repeat(30),
  'SIP/2.0',
];

function strangeMessages(): Buffer[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(DATA, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(DATA, folder, entry.name)))
      .map(withCrlf),
  ).filter((bytes) => bytes.length > 0);
}

/** What has bare line ends would all be refused at the same place. */
function withCrlf(bytes: Buffer): Buffer {
  if (bytes.includes('\r\n')) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}

/** Everything that is done with bytes from the network. */
function readMessage(bytes: Uint8Array): void {
  const parsed = parseMessage(bytes);
  if (parsed instanceof MalformedRequest && parsed.answerable) answer(parsed);
  if (parsed instanceof SipMessage) {
    const fault = parsed.check();
    void [
      parsed.from,
      parsed.to,
      parsed.cseq,
      parsed.topVia,
      parsed.contacts,
      parsed.routes,
      parsed.recordRoutes,
      parsed.paths,
      parsed.expires,
      parsed.contentType,
    ];
    if (fault instanceof MalformedRequest) answer(fault);
    roundTrip(parsed);
  }
  frame(bytes);
}

function answer(fault: MalformedRequest): void {
  if (!fault.answerable) return;
  const response = serializeMessage(createResponse(fault.answerable, fault.status, { reason: fault.phrase }));
  const text = Buffer.from(response).toString('utf8');
  // Its header lines are as many as its fields: nothing was smuggled in.
  expect(text.split('\r\n')).toHaveLength(text.split(/\r\n|\r|\n/).length);
}

function roundTrip(message: SipMessage): void {
  const again = parseMessage(serializeMessage(message));
  if (again instanceof DecodeError) throw new Error(String(again));
  expect(again.from).toEqual(message.from);
  expect(again.vias).toEqual(message.vias);
  expect(again.contacts).toEqual(message.contacts);
  if (message instanceof SipRequest) createResponse(message, 200, { toTag: 'x' });
}

function frame(bytes: Uint8Array): void {
  const framer = new StreamFramer();
  for (let at = 0; at < bytes.length; at += 97) {
    framer.push(bytes.subarray(at, at + 97));
    for (let item = framer.next(); item !== undefined; item = framer.next()) {
      if (item instanceof DecodeError) return;
      if (item instanceof Uint8Array) parseMessage(item);
    }
  }
}

function readDescription(bytes: Uint8Array): void {
  const text = Buffer.from(bytes).toString('utf8');
  const parsed = parseSdp(text);
  if (parsed instanceof DecodeError) return;
  for (const media of parsed.media) expect(media.port).toBeLessThanOrEqual(65_535);
}

function readQualityReport(bytes: Uint8Array): void {
  const report = parseVqReport(bytes);
  if (report instanceof DecodeError) return;
  const text = formatVqReport(report);
  expect(text).not.toMatch(/NaN|Infinity/);
  const again = parseVqReport(text);
  if (again instanceof DecodeError) throw new Error(String(again));
  expect(formatVqReport(again)).toBe(text);
}

function readRoomBodies(bytes: Uint8Array): void {
  const command = parseRoomCommand({ method: 'INFO', contentType: ROOM_COMMAND_TYPE, body: bytes });
  if (command && !(command instanceof DecodeError)) {
    const text = formatRoomCommand(command);
    const body = new TextEncoder().encode(text);
    const again = parseRoomCommand({ method: 'INFO', contentType: ROOM_COMMAND_TYPE, body });
    if (!again || again instanceof DecodeError) throw new Error(String(again));
    // As text: JSON has no -0.
    expect(formatRoomCommand(again)).toBe(text);
  }
  parseRoomReply(bytes);
}

const TARGETS: readonly FuzzTarget[] = [
  {
    name: 'SIP messages',
    corpus: [wire(INVITE_LINES, SDP), wire(REGISTER_LINES), ...strangeMessages()],
    fragments: FRAGMENTS,
    open: () => ({ feed: readMessage }),
  },
  {
    name: 'SDP',
    corpus: [Buffer.from(SDP)],
    fragments: [...FRAGMENTS, 'm=audio ', 'a=rtpmap:', 'a=fmtp:', 'c=IN IP6 ', 'a=ptime:', '-1', '0'],
    open: () => ({ feed: readDescription }),
  },
  {
    name: 'voice quality reports',
    corpus: Object.values(qualityReports).map((lines) => Buffer.from(lines.join('\r\n'))),
    fragments: [
      ...FRAGMENTS,
      'VQAlertReport: ',
      'LocalMetrics:',
      'DialogID:',
      ' NLR=',
      ' PD=',
      ' SSRC=0x',
      '-1',
    ],
    open: () => ({ feed: readQualityReport }),
  },
  {
    name: 'room commands',
    corpus: [
      { command: 'mute', member: 'all' },
      { command: 'position', x: 1.5, y: -2, facingDegrees: 90 },
      { ok: true, room: '3000', count: 1, members: [{ name: 'bob', role: 'member', isMuted: true }] },
    ].map((body) => Buffer.from(JSON.stringify(body))),
    fragments: [
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '1e999',
      '-0',
      'null',
      '"__proto__":',
      '\\ud800',
      '"command":"kick"',
    ],
    open: () => ({ feed: readRoomBodies }),
  },
];

fuzz(TARGETS);
