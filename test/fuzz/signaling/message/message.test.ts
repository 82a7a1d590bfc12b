// Mutates real messages for a while: nothing may throw, hang, or come back different after a round trip.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DecodeError, SeededRandom } from '../../../../core/index.ts';
import {
  createResponse,
  MalformedRequest,
  parseMessage,
  SipMessage,
  SipRequest,
  StreamFramer,
  serializeMessage,
} from '../../../../signaling/message/index.ts';
import { parseSdp } from '../../../../signaling/sdp/index.ts';

const DATA = process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data');
const FOLDERS = ['rfc4475', 'fuzz-corpora/kamailio-test-misc', 'fuzz-corpora/sipgo/raw'];
const IS_ABSENT = FOLDERS.some((folder) => !existsSync(join(DATA, folder)));
const SECONDS = Number(process.env.PATCHCORD_FUZZ_SECONDS ?? 10);
const SEED = Number(process.env.PATCHCORD_FUZZ_SEED ?? 4475);
/** No input of this size may take longer, however busy the machine is. */
const HANG_MS = 2000;

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

function seeds(): Buffer[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(DATA, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(DATA, folder, entry.name)))
      // What has bare line ends would all be refused at the same place.
      .flatMap((bytes) =>
        bytes.includes('\r\n')
          ? [bytes]
          : [Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')],
      ),
  ).filter((bytes) => bytes.length > 0);
}

function mutate(bytes: Buffer, random: SeededRandom): Buffer {
  const at = random.uint32() % (bytes.length + 1);
  const end = Math.min(bytes.length, at + (random.uint32() % 24));
  const before = bytes.subarray(0, at);
  switch (random.uint32() % 6) {
    case 0:
      return Buffer.concat([
        before,
        Buffer.from(FRAGMENTS[random.uint32() % FRAGMENTS.length] ?? ''),
        bytes.subarray(at),
      ]);
    case 1:
      return Buffer.concat([before, bytes.subarray(end)]);
    case 2:
      return Buffer.concat([before, bytes.subarray(at, end), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([
        before,
        Buffer.from(random.bytes(1 + (random.uint32() % 4))),
        bytes.subarray(end),
      ]);
    case 4:
      return Buffer.concat([
        before,
        Buffer.from(FRAGMENTS[random.uint32() % FRAGMENTS.length] ?? ''),
        bytes.subarray(end),
      ]);
    default:
      return Buffer.from(before);
  }
}

/** Everything that is done with bytes from the network. */
function exercise(bytes: Buffer): void {
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
    if (parsed.contentType === 'application/sdp') void parseSdp(parsed.bodyText);
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

function frame(bytes: Buffer): void {
  const framer = new StreamFramer();
  for (let at = 0; at < bytes.length; at += 97) {
    framer.push(bytes.subarray(at, at + 97));
    for (let item = framer.next(); item !== undefined; item = framer.next()) {
      if (item instanceof DecodeError) return;
      if (item instanceof Uint8Array) parseMessage(item);
    }
  }
}

describe.skipIf(IS_ABSENT)(`SIP messages under mutation (set PATCHCORD_DATA), ${SECONDS} s`, () => {
  test(`seed ${SEED}`, () => {
    const random = new SeededRandom(SEED);
    const corpus = seeds();
    for (const bytes of corpus) exercise(bytes);
    const end = performance.now() + SECONDS * 1000;
    let count = 0;
    let bytes: Buffer = Buffer.alloc(0);
    try {
      for (; performance.now() < end; count += 1) {
        bytes = Buffer.from(corpus[random.uint32() % corpus.length] ?? '');
        for (let times = 1 + (random.uint32() % 4); times > 0; times -= 1) bytes = mutate(bytes, random);
        const start = performance.now();
        exercise(bytes);
        if (performance.now() - start > HANG_MS) throw new Error('took too long');
      }
    } catch (error) {
      throw new Error(`input ${count}: ${bytes.toString('base64')}`, { cause: error });
    }
    expect(count).toBeGreaterThan(0);
  });
});
