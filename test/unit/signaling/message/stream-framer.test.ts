import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  MAX_HEADER_BYTES,
  MAX_MESSAGE_BYTES,
  MalformedRequest,
  StreamFramer,
} from '../../../../signaling/message/index.ts';
import { changed, INVITE_LINES, REGISTER_LINES, wire } from './samples.ts';

const REGISTER = Buffer.from(wire(REGISTER_LINES));
const INVITE = Buffer.from(wire([...INVITE_LINES, 'L : 5'], 'hello'));

type Item = ReturnType<StreamFramer['next']>;

function drain(framer: StreamFramer): Item[] {
  const items: Item[] = [];
  for (let item = framer.next(); item !== undefined; item = framer.next()) {
    items.push(item);
    if (item instanceof DecodeError) break;
  }
  return items;
}

function frame(...pieces: readonly Uint8Array[]): Item[] {
  const framer = new StreamFramer();
  return pieces.flatMap((piece) => {
    framer.push(piece);
    return drain(framer);
  });
}

const shown = (items: readonly Item[]) =>
  items.map((item) => (item instanceof Uint8Array ? Buffer.from(item).toString('latin1') : item));

describe('StreamFramer', () => {
  const stream = Buffer.concat([REGISTER, Buffer.from('\r\n\r\n'), INVITE, Buffer.from('\r\n'), REGISTER]);
  const expected = shown([REGISTER, 'keep-alive', INVITE, REGISTER]);

  test('cuts messages, skips single line breaks, and tells keep-alives (RFC 5626 §3.5.1)', () => {
    expect(shown(frame(stream))).toEqual(expected);
  });

  test('does the same wherever the stream is cut in two', () => {
    for (let at = 0; at <= stream.length; at += 1) {
      expect(shown(frame(stream.subarray(0, at), stream.subarray(at)))).toEqual(expected);
    }
  });

  test('does the same byte by byte, and in pieces of any size', () => {
    expect(shown(frame(...Array.from(stream, (byte) => Uint8Array.of(byte))))).toEqual(expected);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 20 }), (sizes) => {
        const pieces: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) {
          pieces.push(stream.subarray(at, at + size));
          at += size;
        }
        expect(shown(frame(...pieces, stream.subarray(at)))).toEqual(expected);
      }),
    );
  });

  test('a keep-alive may be cut, and three of them are three', () => {
    expect(frame(Buffer.from('\r'), Buffer.from('\n\r'), Buffer.from('\n'))).toEqual(['keep-alive']);
    expect(frame(Buffer.from('\r\n'.repeat(6)))).toEqual(['keep-alive', 'keep-alive', 'keep-alive']);
    expect(frame(Buffer.from('\r\n'))).toEqual([]);
  });

  test('a line break after a keep-alive of ours is its answer, and no half of one of theirs', () => {
    const framer = new StreamFramer();
    framer.expectPong();
    framer.push(Buffer.from('\r\n\r\n\r\n'));
    expect(drain(framer)).toEqual(['pong', 'keep-alive']);
    framer.expectPong();
    framer.push(Buffer.concat([REGISTER, Buffer.from('\r')]));
    framer.push(Buffer.from('\n'));
    expect(shown(drain(framer))).toEqual(shown([REGISTER, 'pong']));
  });

  test('single line breaks between messages never add up to a keep-alive', () => {
    const single = Buffer.from('\r\n');
    expect(shown(frame(REGISTER, single, REGISTER, single, REGISTER))).toEqual(
      shown([REGISTER, REGISTER, REGISTER]),
    );
  });

  test('a message that was handed out does not change with what comes later', () => {
    const framer = new StreamFramer();
    framer.push(Buffer.from(INVITE.subarray(0, 100)));
    expect(framer.next()).toBeUndefined();
    framer.push(Buffer.concat([INVITE.subarray(100), REGISTER.subarray(0, 50)]));
    const first = framer.next();
    expect(framer.next()).toBeUndefined();
    framer.push(Buffer.from(REGISTER.subarray(50)));
    expect(shown([framer.next()])).toEqual(shown([REGISTER]));
    expect(shown([first])).toEqual(shown([INVITE]));
    expect(framer.bufferedBytes).toBe(0);
  });

  const FATAL = [
    { name: 'no Content-Length', line: undefined, status: 400 },
    { name: 'a negative Content-Length', line: 'Content-Length: -1', status: 400 },
    { name: 'two Content-Lengths, even equal ones', line: 'Content-Length: 0\r\nl: 0', status: 400 },
    { name: 'a Content-Length in words', line: 'Content-Length: none', status: 400 },
    { name: 'an empty Content-Length', line: 'Content-Length:', status: 400 },
    { name: 'a list as Content-Length', line: 'Content-Length: 0, 0', status: 400 },
    { name: 'a Content-Length that hides in a fold', line: 'X: y\r\n Content-Length: 0', status: 400 },
    { name: 'a body over the limit', line: `Content-Length: ${MAX_MESSAGE_BYTES}`, status: 513 },
    { name: 'a Content-Length of forty digits', line: `Content-Length: ${'9'.repeat(40)}`, status: 513 },
  ];
  test.for(FATAL)('$name is fatal, and can be answered with $status', ({ line, status }) => {
    const bytes = wire(changed(REGISTER_LINES, 'Content-Length', line));
    const framer = new StreamFramer();
    framer.push(bytes);
    const fault = framer.next();
    expect(fault).toBeInstanceOf(MalformedRequest);
    expect(fault).toMatchObject({ status });
    expect(fault instanceof MalformedRequest && fault.answerable).toBeTruthy();
    framer.push(REGISTER);
    expect(framer.next()).toBe(fault);
    expect(framer.bufferedBytes).toBe(0);
  });

  test('a Content-Length may be folded and compact (RFC 3261 §7.3.1, §7.3.3)', () => {
    const bytes = Buffer.from(wire(changed(REGISTER_LINES, 'Content-Length', 'l \t:\r\n  3'), 'abc'));
    expect(shown(frame(bytes))).toEqual(shown([bytes]));
  });

  test('a response without Content-Length is fatal too, with nobody to answer', () => {
    const lines = ['SIP/2.0 200 OK', ...changed(REGISTER_LINES, 'Content-Length', undefined).slice(1)];
    const [fault] = frame(wire(lines));
    expect(fault).toBeInstanceOf(DecodeError);
    expect(fault).not.toBeInstanceOf(MalformedRequest);
  });

  test('headers without end are refused at the limit, in any pieces, and nothing more is kept', () => {
    const framer = new StreamFramer();
    let pushed = 0;
    while (framer.next() === undefined) {
      expect(framer.bufferedBytes).toBeLessThanOrEqual(MAX_HEADER_BYTES);
      framer.push(Buffer.alloc(10, 0x61));
      pushed += 10;
    }
    expect(pushed).toBeLessThanOrEqual(MAX_HEADER_BYTES + 10);
    expect(framer.bufferedBytes).toBe(0);
  });

  test('the largest message passes byte by byte', () => {
    const lines = changed(REGISTER_LINES, 'Content-Length', 'Content-Length: 60000');
    const bytes = Buffer.from(wire(lines, 'b'.repeat(60_000)));
    const framer = new StreamFramer();
    const found: Item[] = [];
    for (const byte of bytes) {
      framer.push(Uint8Array.of(byte));
      found.push(...drain(framer));
    }
    expect(found).toHaveLength(1);
    expect(Buffer.from(found[0] as Uint8Array).equals(bytes)).toBe(true);
  });

  test('rubbish never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }),
        (pieces) => void frame(...pieces),
      ),
    );
  });
});
