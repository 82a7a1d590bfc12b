// Everything that is done with STUN from the network: read, judged, answered, framed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import {
  ATTRIBUTE,
  BindingResponder,
  checkFingerprint,
  checkIntegrity,
  decodeStun,
  LongTermCredentials,
  METHOD,
  padForStream,
  readPasswordAlgorithms,
  StunClientTransactions,
  type StunMessage,
  StunStreamFramer,
  StunWriter,
} from '../../../nat/index.ts';
import { CLIENT, idOf, SERVER, writer } from '../../unit/nat/stun/samples.ts';
import { type Fed, type FuzzTarget, fuzz } from '../support/fuzz.ts';

const DATA = process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../shared/data');
/** Messages of browsers and of other projects' fuzzers; those of this tree do where they are absent. */
const FOLDERS = [
  'stun-vectors',
  'fuzz-corpora/pion-stun/raw',
  'fuzz-corpora/coturn/input/FuzzStun',
  'fuzz-corpora/coturn/input/FuzzStunClient',
];
const BROWSERS = 'fuzz-corpora/pion-stun/frombrowsers.csv';
const MOST_SEED_BYTES = 2000;

function strangeMessages(): Uint8Array[] {
  return FOLDERS.map((folder) => join(DATA, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
    )
    .filter(({ length }) => length > 0 && length <= MOST_SEED_BYTES);
}

/** The second column is a message in base64. */
function browserMessages(): Uint8Array[] {
  const path = join(DATA, BROWSERS);
  if (!existsSync(path)) return [];
  const rows = readFileSync(path, 'utf8').split('\n').slice(3, 60);
  return rows.map((row) => Buffer.from(row.split(',')[1] ?? '', 'base64')).filter(({ length }) => length > 0);
}

/** RFC 3489 §11: no cookie, CHANGE-REQUEST. */
const CLASSIC = Uint8Array.of(0, 1, 0, 8, ...Array<number>(16).fill(9), 0, 3, 0, 4, 0, 0, 0, 0);
const CHANNEL_DATA = Uint8Array.of(0x40, 1, 0, 5, 1, 2, 3, 4, 5);
const KEY = new Uint8Array(16).fill(7);

const OWN = [
  writer('request').text(ATTRIBUTE.software, 'phone').fingerprint().finish(),
  writer('success').xorAddress(ATTRIBUTE.xorMappedAddress, CLIENT).integrity(KEY).fingerprint().finish(),
  writer('error', 1, METHOD.allocate)
    .error(401, 'Unauthorized')
    .text(ATTRIBUTE.realm, 'example.org')
    .text(ATTRIBUTE.nonce, 'obMatJos2gAAAnonce')
    .add(ATTRIBUTE.passwordAlgorithms, Uint8Array.of(0, 2, 0, 0, 0, 1, 0, 0))
    .finish(),
  CLASSIC,
];

const corpus = [...OWN, ...strangeMessages(), ...browserMessages()];
/** Type and length of attributes, and the cookie: what keeps a changed message a message. */
const FRAGMENTS = ['!\x12\xa4B', '\0\x20\0\x08', '\0\x09\0\x04', '\0\x08\0\x14', '\0\x03\0\x04', 'obMatJos2'];

function readMessage(bytes: Uint8Array): void {
  const message = decodeStun(bytes);
  if (message instanceof DecodeError) return;
  readAttributes(message);
  checkFingerprint(message);
  checkIntegrity(message, KEY);
  const again = new StunWriter({
    method: message.method,
    class: message.class,
    transactionId: message.transactionId,
  });
  for (const { type, value } of message.attributes) again.add(type, value);
  const copy = decodeStun(again.finish());
  if (copy instanceof DecodeError) throw new Error(copy.toString());
  expect(copy.attributes.map(({ value }) => [...value])).toEqual(
    message.attributes.map(({ value }) => [...value]),
  );
}

function readAttributes(message: StunMessage): void {
  for (const { type } of message.attributes) {
    void [message.text(type), message.uint32(type), message.uint64(type)];
    for (const endpoint of [message.xorAddress(type), message.address(type)]) {
      if (endpoint) expect(endpoint.port).toBeLessThanOrEqual(65_535);
    }
    readPasswordAlgorithms(message.value(type) ?? KEY);
  }
  const { error } = message;
  if (error) expect(error.code >= 300 && error.code <= 699).toBe(true);
}

/** An answer is never larger than the request but for the address that was asked for. */
function responder(): Fed {
  const binding = new BindingResponder({ software: 'Patchcord' });
  return {
    feed: (bytes) => {
      const answer = binding.handleDatagram(bytes, CLIENT);
      if (answer) expect(answer.length).toBeLessThanOrEqual(bytes.length + 12);
    },
  };
}

/** A client with a request open, under whatever a server may say. */
function client(): Fed {
  const transactions = new StunClientTransactions<undefined>();
  let now = 0;
  return {
    feed: (input, random) => {
      const credentials = new LongTermCredentials({ username: 'alice', password: 'secret' });
      const request = writer('request', 1, METHOD.allocate);
      const signature = credentials.sign(request);
      now += random.uint32() % 1000;
      const key = transactions.start(now, {
        ...{ bytes: request.finish(), remote: SERVER, context: undefined },
        accepts: (response) => credentials.accepts(response, signature),
      });
      const bytes = asResponse(input);
      const response = decodeStun(bytes);
      if (!(response instanceof DecodeError)) {
        transactions.handleResponse(now, response, SERVER);
        if (credentials.handleError(response, { signature, tries: 1 }) === 'retry') {
          credentials.sign(writer('request', 1, METHOD.allocate));
        }
      }
      transactions.cancel(key);
      transactions.takeDatagrams();
      for (const { outcome } of transactions.takeResults()) expect(outcome.type).not.toBe('timeout');
      expect(transactions.size).toBe(0);
    },
  };
}

/** Of our transaction, so that most are not dropped for that alone. */
function asResponse(input: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(input);
  if (bytes.length >= 20) bytes.set(idOf(1), 8);
  return bytes;
}

/** Whatever the cuts, the same frames; and no more is held than a frame and a piece. */
function framer(): Fed {
  return {
    feed: (input, random) => {
      const stream = Buffer.concat([padForStream(CHANNEL_DATA), input, OWN[0] ?? input]);
      expect(framesOf(stream, () => 1 + (random.uint32() % 50))).toEqual(
        framesOf(stream, () => stream.length),
      );
    },
  };
}

function framesOf(stream: Uint8Array, pieceBytes: () => number): string[] {
  const stunFramer = new StunStreamFramer({ maxFrameBytes: 1500 });
  const frames: string[] = [];
  for (let at = 0; at < stream.length; ) {
    const end = at + pieceBytes();
    stunFramer.push(stream.subarray(at, end));
    at = end;
    for (let frame = stunFramer.next(); frame !== undefined; frame = stunFramer.next()) {
      if (frame instanceof DecodeError) return [...frames, frame.code];
      frames.push(Buffer.from(frame).toString('hex'));
    }
    expect(stunFramer.bufferedBytes).toBeLessThanOrEqual(1503);
  }
  return frames;
}

const TARGETS: readonly FuzzTarget[] = [
  { name: 'STUN messages', corpus, fragments: FRAGMENTS, open: () => ({ feed: readMessage }) },
  { name: 'STUN Binding server', corpus, fragments: FRAGMENTS, open: responder },
  { name: 'STUN client', corpus, fragments: FRAGMENTS, open: client },
  { name: 'STUN over a stream', corpus, fragments: FRAGMENTS, open: framer },
];

fuzz(TARGETS);
