import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import {
  ATTRIBUTE,
  addChangeRequest,
  addResponsePort,
  BehaviourResponder,
  type ServerSocket,
  type StunWriter,
} from '../../../../nat/index.ts';
import { CLIENT, decoded, idOf, writer } from '../stun/samples.ts';

const ALTERNATES = { addresses: ['198.51.100.1', '198.51.100.2'], ports: [3478, 3479] } as const;
const SOCKETS = [
  { address: 0, port: 0 },
  { address: 0, port: 1 },
  { address: 1, port: 0 },
  { address: 1, port: 1 },
] as const satisfies readonly ServerSocket[];
const at = ({ address, port }: ServerSocket) => ({
  address: ALTERNATES.addresses[address],
  port: ALTERNATES.ports[port],
});

const random = new SeededRandom(1);
const oneAddress = () => new BehaviourResponder({ random });
const twoAddresses = () => new BehaviourResponder({ random, alternates: ALTERNATES });

function ask(responder: BehaviourResponder, request: StunWriter, socket: ServerSocket = SOCKETS[0]) {
  const answer = responder.handleDatagram(0, request.finish(), { source: CLIENT, socket });
  return { ...answer, message: decoded(answer?.bytes) };
}

describe('with two addresses', () => {
  const changes = [
    { address: false, port: false },
    { address: false, port: true },
    { address: true, port: false },
    { address: true, port: true },
  ];
  const rows = SOCKETS.flatMap((socket) => changes.map((change) => ({ socket, change })));
  test.each(rows)(
    'asked at $socket for $change: the socket of RFC 5780 §6.1, table 1',
    ({ socket, change }) => {
      const responder = twoAddresses();
      const from: ServerSocket = {
        address: (socket.address ^ Number(change.address)) === 0 ? 0 : 1,
        port: (socket.port ^ Number(change.port)) === 0 ? 0 : 1,
      };
      const other: ServerSocket = { address: socket.address === 0 ? 1 : 0, port: socket.port === 0 ? 1 : 0 };
      const answer = ask(responder, addChangeRequest(writer('request'), change), socket);
      expect(answer.socket).toEqual(from);
      expect(answer.remote).toEqual(CLIENT);
      expect(answer.message.mappedAddress).toEqual(CLIENT);
      expect(answer.message.address(ATTRIBUTE.responseOrigin)).toEqual(at(from));
      expect(answer.message.address(ATTRIBUTE.otherAddress)).toEqual(at(other));
      expect(responder.counters).toMatchObject({
        answered: 1,
        redirected: change.address || change.port ? 1 : 0,
      });
    },
  );

  test('without CHANGE-REQUEST: from where it was asked, and OTHER-ADDRESS is told', () => {
    const answer = ask(twoAddresses(), writer('request'));
    expect(answer.socket).toEqual({ address: 0, port: 0 });
    expect(answer.message.address(ATTRIBUTE.otherAddress)).toEqual({ address: '198.51.100.2', port: 3479 });
    expect(answer.bytes).toHaveLength(56);
  });
});

describe('with one address', () => {
  test('CHANGE-REQUEST is unknown, and there is no OTHER-ADDRESS (RFC 5780 §6)', () => {
    const responder = oneAddress();
    const { message } = ask(responder, addChangeRequest(writer('request'), { address: false, port: true }));
    expect(message.error?.code).toBe(420);
    expect([...(message.value(ATTRIBUTE.unknownAttributes) ?? [])]).toEqual([0, 3]);
    const plain = ask(responder, writer('request'));
    expect(plain.message.attributes.map(({ type }) => type)).toEqual([ATTRIBUTE.xorMappedAddress]);
    expect(responder.counters).toMatchObject({ answered: 1, refused: 1 });
  });
});

describe.each([
  ['one address', oneAddress()],
  ['two addresses', twoAddresses()],
])('RESPONSE-PORT and PADDING with %s', (_, responder) => {
  test('the answer goes to the port that is asked for, at the address that asks (RFC 5780 §7.5)', () => {
    const answer = ask(responder, addResponsePort(writer('request'), 5555));
    expect(answer.remote).toEqual({ ...CLIENT, port: 5555 });
    expect(answer.message.mappedAddress).toEqual(CLIENT);
  });

  test('RESPONSE-PORT may have two bytes too', () => {
    const request = writer('request').add(ATTRIBUTE.responsePort, Uint8Array.of(0x15, 0xb3));
    expect(ask(responder, request).remote).toEqual({ ...CLIENT, port: 5555 });
  });

  test('PADDING is answered by as much, never by more (RFC 5780 §7.6)', () => {
    const request = writer('request').add(ATTRIBUTE.padding, new Uint8Array(1600));
    expect(ask(responder, request).message.value(ATTRIBUTE.padding)).toHaveLength(1600);
    const small = writer('request').flag(ATTRIBUTE.padding);
    expect(ask(responder, small).message.value(ATTRIBUTE.padding)).toHaveLength(0);
  });

  test.each([
    {
      name: 'padding to elsewhere (RFC 5780 §6.1)',
      request: addResponsePort(writer('request'), 1).flag(0x26),
    },
    { name: 'port 0', request: addResponsePort(writer('request'), 0) },
    { name: 'a port of three bytes', request: writer('request').add(0x27, new Uint8Array(3).fill(1)) },
  ])('400: $name', ({ request }) => {
    const answer = ask(responder, request);
    expect(answer.message.error?.code).toBe(400);
    expect(answer.remote).toEqual(CLIENT);
  });
});

test('400: a CHANGE-REQUEST that is none', () => {
  const responder = twoAddresses();
  expect(ask(responder, writer('request').flag(ATTRIBUTE.changeRequest)).message.error?.code).toBe(400);
});

describe('what is not answered', () => {
  test.each([
    { name: 'an indication', bytes: writer('indication').finish(), counter: 'indications' },
    { name: 'a response', bytes: writer('success').finish(), counter: 'dropped' },
    { name: 'another method', bytes: writer('request', 1, 3).finish(), counter: 'dropped' },
    { name: 'a wrong fingerprint', bytes: writer('request').uint32(0x8028, 1).finish(), counter: 'dropped' },
    { name: 'noise', bytes: new Uint8Array(30).fill(1), counter: 'malformed' },
  ] as const)('$name', ({ bytes, counter }) => {
    const responder = twoAddresses();
    expect(responder.handleDatagram(0, bytes, { source: CLIENT })).toBeUndefined();
    expect(responder.counters).toMatchObject({ answered: 0, refused: 0, [counter]: 1 });
  });
});

describe('a client of RFC 3489', () => {
  const ask3489 = (flags: number, responder: BehaviourResponder) =>
    responder.handleDatagram(
      0,
      Uint8Array.of(0, 1, 0, 8, ...idOf(5), ...idOf(5).subarray(0, 4), 0, 3, 0, 4, 0, 0, 0, flags),
      { source: CLIENT },
    );

  test('is told SOURCE-ADDRESS and CHANGED-ADDRESS, and answered from there (RFC 3489 §8.1)', () => {
    const answer = ask3489(6, twoAddresses());
    expect(answer?.socket).toEqual({ address: 1, port: 1 });
    const attributes = Buffer.from(answer?.bytes.subarray(20) ?? []).toString('hex');
    expect(attributes).toBe(
      '0001000800019c40cb007107' + '0004000800010d97c6336402' + '0005000800010d97c6336402',
    );
  });

  test('of a server with one address is answered from there, or not at all', () => {
    const responder = oneAddress();
    expect(ask3489(0, responder)?.bytes).toHaveLength(32);
    expect(ask3489(2, responder)).toBeUndefined();
    expect(responder.counters).toMatchObject({ answeredClassic: 1, dropped: 1 });
  });
});

describe('who asks very often (RFC 5780 §10 leaves it open)', () => {
  const flood = (responder: BehaviourResponder, request: StunWriter, now: number) => {
    const bytes = request.finish();
    return Array.from({ length: 200 }, () => responder.handleDatagram(now, bytes, { source: CLIENT }));
  };

  test.each([
    { name: 'to another port', request: () => addResponsePort(writer('request'), 5555), make: oneAddress },
    {
      name: 'from another address',
      request: () => addChangeRequest(writer('request'), { address: true, port: false }),
      make: twoAddresses,
    },
  ])('is answered $name 50 times a second, and counted', ({ request, make }) => {
    const responder = make();
    const count = (now: number) => flood(responder, request(), now).filter(Boolean).length;
    expect([count(0), count(1000)]).toEqual([50, 50]);
    expect(responder.counters).toMatchObject({ redirected: 100, answered: 100, limited: 300 });
  });

  test('is told where he is each time, but of the other address no more', () => {
    const sizes = flood(twoAddresses(), writer('request'), 0).map((answer) => answer?.bytes.length);
    expect(sizes.slice(0, 50).every((size) => size === 56)).toBe(true);
    expect(sizes.slice(50).every((size) => size === 32)).toBe(true);
  });

  test('of a server with one address is never limited where he asks plainly', () => {
    const responder = oneAddress();
    expect(flood(responder, writer('request'), 0).every((answer) => answer?.bytes.length === 32)).toBe(true);
    expect(responder.counters.limited).toBe(0);
  });
});
