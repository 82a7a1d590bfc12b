import { describe, expect, test } from 'vitest';
import { type Endpoint, SeededRandom } from '../../../../../core/index.ts';
import {
  addChangeRequest,
  addResponsePort,
  endpointAt,
  SERVER_SOCKETS,
  type StunWriter,
} from '../../../../../nat/index.ts';
import { Bindings } from '../../../../../nat/turn/server/bindings.ts';
import type { TurnClient, UdpClientPort } from '../../../../../nat/turn/server/types.ts';
import { CLIENT, decoded, idOf, writer } from '../../stun/samples.ts';

const ALTERNATES = { addresses: ['198.51.100.1', '198.51.100.2'], ports: [3478, 3479] } as const;
const FOUR = SERVER_SOCKETS.map((socket) => endpointAt(ALTERNATES, socket));
const ALONE: Endpoint = { address: '192.0.2.1', port: 3478 };
/** A client of RFC 3489 asks to be answered from the other address and port. */
const CLASSIC = Uint8Array.of(0, 1, 0, 8, ...idOf(5), ...idOf(5).subarray(0, 4), 0, 3, 0, 4, 0, 0, 0, 6);

interface Sent {
  readonly from: Endpoint | 'stream';
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
}

/** A server with four ports that answer for each other, and one that does not. */
function open() {
  const sent: Sent[] = [];
  const ports = [...FOUR, ALONE].map(
    (local): UdpClientPort => ({
      local,
      size: 0,
      send: (bytes, to) => sent.push({ from: local, to, bytes }),
      close: () => {},
    }),
  );
  const bindings = new Bindings(new SeededRandom(1));
  bindings.join(ALTERNATES, ports);
  const client = (port?: UdpClientPort): TurnClient => ({
    ...{ key: '', transport: port ? 'udp' : 'tcp', remote: CLIENT, ...(port ? { port } : {}) },
    send: (bytes) => sent.push({ from: 'stream', to: CLIENT, bytes }) > 0,
  });
  const ask = (port: UdpClientPort | undefined, request: StunWriter) =>
    bindings.handleMessage(0, client(port), decoded(request.finish()));
  return { bindings, ports, client, ask, sent };
}

const change = (address: boolean, port: boolean) => addChangeRequest(writer('request'), { address, port });

describe('ports that answer for each other', () => {
  test.each([
    { asked: 0, by: change(true, true), answers: 3 },
    { asked: 1, by: change(true, false), answers: 3 },
    { asked: 2, by: change(false, true), answers: 3 },
    { asked: 3, by: change(true, true), answers: 0 },
    { asked: 2, by: writer('request'), answers: 2 },
  ])('asked at number $asked: number $answers answers', ({ asked, by, answers }) => {
    const { ports, ask, sent } = open();
    ask(ports[asked], by);
    expect(sent).toMatchObject([{ from: FOUR[answers], to: CLIENT }]);
  });

  test('answer a client of RFC 3489 from elsewhere as well', () => {
    const { bindings, ports, client, sent } = open();
    expect(bindings.handleUndecoded(0, client(ports[0]), CLASSIC)).toBe(true);
    expect(sent).toMatchObject([{ from: FOUR[3], to: CLIENT }]);
    expect(bindings.counters).toMatchObject({ answered: 1 });
  });
});

describe('a port for itself', () => {
  test('answers to another port of the client, and knows no other address (RFC 5780 §6)', () => {
    const { bindings, ports, ask, sent } = open();
    ask(ports[4], addResponsePort(writer('request'), 5555));
    ask(ports[4], change(false, true));
    expect(sent).toMatchObject([
      { from: ALONE, to: { ...CLIENT, port: 5555 } },
      { from: ALONE, to: CLIENT },
    ]);
    expect(decoded(sent[1]?.bytes).error?.code).toBe(420);
    expect(bindings.counters).toMatchObject({ answered: 1, redirected: 1 });
  });
});

describe('a stream', () => {
  test('is answered where it is, and knows nothing of RFC 5780', () => {
    const { bindings, client, ask, sent } = open();
    ask(undefined, writer('request'));
    ask(undefined, addResponsePort(writer('request'), 5555));
    expect(sent.map(({ from }) => from)).toEqual(['stream', 'stream']);
    expect(decoded(sent[0]?.bytes).mappedAddress).toEqual(CLIENT);
    expect(decoded(sent[1]?.bytes).error?.code).toBe(420);
    expect(bindings.handleUndecoded(0, client(), CLASSIC)).toBe(false);
  });
});

test('what is dropped is counted, and why', () => {
  const { bindings, ports, client, ask } = open();
  ask(ports[0], writer('success'));
  ask(undefined, writer('success'));
  bindings.handleUndecoded(0, client(ports[1]), new Uint8Array(5));
  for (let i = 0; i < 60; i += 1) ask(ports[4], addResponsePort(writer('request'), 53));
  bindings.handleMessage(0, { ...client(), send: () => false }, decoded(writer('request').finish()));
  const expected = { malformed: 1, unexpected: 2, reflectionLimit: 10, clientSlow: 1 };
  expect(bindings.counters.dropped).toEqual(expected);
});
