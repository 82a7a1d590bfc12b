import { beforeEach, describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  ATTRIBUTE,
  BindingResponder,
  checkFingerprint,
  decodeStun,
  METHOD,
  type StunWriter,
} from '../../../../nat/index.ts';
import { CLIENT, decoded, idOf, writer } from './samples.ts';

const IPV6 = { address: '2001:db8::7', port: 40_000 };
const SOFTWARE = 'Patchcord';

let responder: BindingResponder;
beforeEach(() => {
  responder = new BindingResponder({ software: SOFTWARE });
});

function ask(request: StunWriter, source = CLIENT) {
  const answer = responder.handleDatagram(request.finish(), source);
  return { answer, message: answer && decoded(answer) };
}

describe('a Binding request', () => {
  test.each([
    { name: 'IPv4', source: CLIENT, sizeBytes: 32 },
    { name: 'IPv6', source: IPV6, sizeBytes: 44 },
  ])('is told where it came from, over $name, and nothing else', ({ source, sizeBytes }) => {
    const { answer, message } = ask(writer('request', 9), source);
    expect(message).toMatchObject({ class: 'success', method: METHOD.binding });
    expect([...(message?.transactionId ?? [])]).toEqual([...idOf(9)]);
    expect(message?.xorAddress(ATTRIBUTE.xorMappedAddress)).toEqual(source);
    expect(message?.attributes).toHaveLength(1);
    expect(answer).toHaveLength(sizeBytes);
    expect(responder.counters.answered).toBe(1);
  });

  test('gets a FINGERPRINT where it had one (RFC 8489 §7.2)', () => {
    const { message } = ask(writer('request').fingerprint());
    expect(message && checkFingerprint(message)).toBe('valid');
  });

  test('with a FINGERPRINT that does not fit is dropped (RFC 8489 §6.3)', () => {
    expect(ask(writer('request').uint32(ATTRIBUTE.fingerprint, 1)).answer).toBeUndefined();
    expect(responder.counters.dropped).toBe(1);
  });

  test('gets SOFTWARE where it was long enough itself', () => {
    const longer = writer('request').text(ATTRIBUTE.software, 'a telephone with a long name');
    expect(ask(longer).message?.text(ATTRIBUTE.software)).toBe(SOFTWARE);
    expect(ask(writer('request')).message?.has(ATTRIBUTE.software)).toBe(false);
    responder = new BindingResponder();
    expect(ask(longer).message?.has(ATTRIBUTE.software)).toBe(false);
  });

  test('with credentials is answered, since none are asked for', () => {
    const signed = writer('request').text(ATTRIBUTE.username, 'alice').integrity(new Uint8Array(16));
    expect(ask(signed).message?.class).toBe('success');
  });
});

describe('attributes', () => {
  test('that must be understood and are not: 420 names each once (RFC 8489 §6.3.1)', () => {
    const request = writer('request').flag(0x7001).flag(0xf001).flag(0x7001).flag(ATTRIBUTE.changeRequest);
    const { message } = ask(request);
    expect(message).toMatchObject({ class: 'error' });
    expect(message?.error?.code).toBe(420);
    expect([...(message?.value(ATTRIBUTE.unknownAttributes) ?? [])]).toEqual([0x70, 1, 0, 3]);
    expect(responder.counters.refused).toBe(1);
  });

  test('that may be ignored are', () => {
    expect(ask(writer('request').flag(0xf001)).message?.class).toBe('success');
  });

  test('behind the integrity are nobody’s word (RFC 8489 §14.5)', () => {
    expect(ask(writer('request').integrity(new Uint8Array(16)).flag(0x7001)).message?.class).toBe('success');
  });
});

describe('what is not answered', () => {
  test.each([
    { name: 'an indication', bytes: writer('indication').finish(), counter: 'indications' },
    { name: 'a response', bytes: writer('success').finish(), counter: 'dropped' },
    { name: 'an error', bytes: writer('error').error(400, '').finish(), counter: 'dropped' },
    { name: 'another method', bytes: writer('request', 1, METHOD.allocate).finish(), counter: 'dropped' },
    { name: 'nothing', bytes: new Uint8Array(0), counter: 'dropped' },
    { name: 'noise', bytes: new Uint8Array(40).fill(7), counter: 'dropped' },
  ] as const)('$name', ({ bytes, counter }) => {
    expect(responder.handleDatagram(bytes, CLIENT)).toBeUndefined();
    expect(responder.counters).toMatchObject({ answered: 0, refused: 0, [counter]: 1 });
  });

  test('a request that is cut anywhere', () => {
    const whole = writer('request').text(ATTRIBUTE.software, 'phone').fingerprint().finish();
    for (let length = 0; length < whole.length; length += 1) {
      expect(responder.handleDatagram(whole.subarray(0, length), CLIENT)).toBeUndefined();
    }
  });

  test('a request with any bit flipped, as long as its FINGERPRINT is found', () => {
    const whole = writer('request').text(ATTRIBUTE.software, 'phone').fingerprint().finish();
    let missedCount = 0;
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const bytes = Uint8Array.from(whole);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const message = decodeStun(bytes);
      if (message instanceof DecodeError || message.has(ATTRIBUTE.fingerprint)) {
        const isClassic = bit >= 32 && bit < 64;
        expect(responder.handleDatagram(bytes, CLIENT) === undefined || isClassic, `bit ${bit}`).toBe(true);
      } else missedCount += 1;
    }
    // Its type, and the length of SOFTWARE before it.
    expect(missedCount).toBeLessThan(32);
  });
});

describe('the size of an answer', () => {
  const manyUnknown = (count: number) => {
    const request = writer('request');
    for (let i = 0; i < count; i += 1) request.flag(0x4000 + i);
    return request;
  };
  const requests = [
    ['the smallest', writer('request')],
    ['one with a fingerprint', writer('request').fingerprint()],
    ['one with SOFTWARE', writer('request').text(ATTRIBUTE.software, 'sipp')],
    ...[1, 2, 3, 8, 100, 5000].map((count) => [`one with ${count} unknown`, manyUnknown(count)] as const),
    ['one with an unknown and a fingerprint', manyUnknown(1).fingerprint()],
  ] as const;
  test.each(requests)('to %s is 12 bytes more at most over IPv4, 24 over IPv6', (_, request) => {
    const bytes = request.finish();
    for (const [source, moreBytes] of [
      [CLIENT, 12],
      [IPV6, 24],
    ] as const) {
      const answer = responder.handleDatagram(bytes, source);
      expect(answer?.length).toBeLessThanOrEqual(bytes.length + moreBytes);
    }
  });
});

describe('a client of RFC 3489, without a magic cookie', () => {
  const ID = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
  function classic(...attributes: readonly number[]): Uint8Array {
    return Uint8Array.of(0, 1, 0, attributes.length, ...ID, ...attributes);
  }

  test('is told MAPPED-ADDRESS under its 16 bytes of id (RFC 5389 §12.2)', () => {
    const answer = responder.handleDatagram(classic(), CLIENT);
    expect([...(answer ?? [])]).toEqual([
      ...[1, 1, 0, 12, ...ID],
      ...[0, 1, 0, 8, 0, 1, 40_000 >> 8, 40_000 & 0xff, 203, 0, 113, 7],
    ]);
    expect(responder.counters.answeredClassic).toBe(1);
  });

  test.each([
    { name: 'no change asked for', attributes: [0, 3, 0, 4, 0, 0, 0, 0], isAnswered: true },
    { name: 'an attribute that may be ignored', attributes: [0x80, 1, 0, 0], isAnswered: true },
    { name: 'from another port', attributes: [0, 3, 0, 4, 0, 0, 0, 2], isAnswered: false },
    { name: 'from another address', attributes: [0, 3, 0, 4, 0, 0, 0, 4], isAnswered: false },
    { name: 'to somebody else', attributes: [0, 2, 0, 8, 0, 1, 1, 1, 192, 0, 2, 1], isAnswered: false },
    { name: 'cut within an attribute', attributes: [0, 3, 0, 4, 0, 0], isAnswered: false },
    { name: 'cut within the head of one', attributes: [0, 3], isAnswered: false },
  ])('$name: answered is $isAnswered', ({ attributes, isAnswered }) => {
    expect(responder.handleDatagram(classic(...attributes), CLIENT) !== undefined).toBe(isAnswered);
    expect(responder.counters.dropped).toBe(isAnswered ? 0 : 1);
  });

  test('with a length that is not its own is dropped', () => {
    const bytes = classic(0x80, 1, 0, 0);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(responder.handleDatagram(bytes.subarray(0, length), CLIENT)).toBeUndefined();
    }
  });
});
