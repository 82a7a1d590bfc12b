// What arrives at the sockets: keep-alives, other protocols, malformed messages, peers that take without giving.
import { describe, expect } from 'vitest';
import type { TcpConnection, UdpSocket } from '../../../../core/index.ts';
import { createResponse } from '../../../../signaling/message/index.ts';
import { type Host, scenario, type World } from '../../../support/index.ts';
import { answerAll, isOver, openOn, requestTo, sendAndWatch } from './endpoints.ts';
import { play, SERVER } from './stage.ts';

/** A bare UDP socket of the peer, with what it received. */
async function rawSocket(world: World, host: Host): Promise<{ socket: UdpSocket; texts: string[] }> {
  const socket = await world.complete(host.network.bindUdp({ address: '0.0.0.0', port: 5060 }));
  const texts: string[] = [];
  socket.onDatagram = (bytes) => texts.push(Buffer.from(bytes).toString());
  return { socket, texts };
}

/** A bare connection of the peer, with what it received. */
async function rawConnection(world: World, host: Host) {
  const tcp = await world.complete(host.network.connectTcp({ address: SERVER, port: 5060 }));
  const state = { text: '', isClosed: false };
  tcp.onData = (bytes) => {
    state.text += Buffer.from(bytes).toString();
  };
  tcp.onClose = () => {
    state.isClosed = true;
  };
  return { tcp, state };
}

const options = (via: string, more = '') =>
  Buffer.from(
    `OPTIONS sip:${SERVER} SIP/2.0\r\nVia: ${via};branch=z9hG4bKraw1${more}\r\nMax-Forwards: 70\r\n` +
      `From: <sip:p@h>;tag=1\r\nTo: <sip:${SERVER}>\r\nCall-ID: raw${more}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`,
  );

describe('over UDP', () => {
  play('keep-alives are counted and nothing more', async ({ world, peer, server }) => {
    const { socket, texts } = await rawSocket(world, peer);
    for (const text of ['', '\0', '\0\0\0\0', '\r\n', '\r\n\r\n']) {
      socket.send(Buffer.from(text), SERVER, 5060);
    }
    await world.run(1000);
    expect(texts).toEqual([]);
    expect(server.counters).toMatchObject({ keepAlives: 5, received: 0, malformed: 0 });
  });

  const stun = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  const taken: string[] = [];
  play(
    'STUN on the same port goes to who asked for it (RFC 7983 §7)',
    async ({ world, peer, server }) => {
      const { socket } = await rawSocket(world, peer);
      socket.send(stun, SERVER, 5060);
      await world.run(1000);
      expect(taken).toEqual([`192.0.2.1 ${stun.toString('hex')}`]);
      expect(server.counters.nonSip).toBe(1);
    },
    { onNonSip: (bytes, flow) => taken.push(`${flow.remote.address} ${Buffer.from(bytes).toString('hex')}`) },
  );

  play('a malformed request is answered once, with 400, to its source', async ({ world, peer, server }) => {
    const { socket, texts } = await rawSocket(world, peer);
    const bad = options('SIP/2.0/UDP 255.255.255.255:9;rport')
      .toString()
      .replace('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE');
    socket.send(Buffer.from(bad), SERVER, 5060);
    await world.run(1000);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/^SIP\/2\.0 400 .*Via: [^\r]*received=192\.0\.2\.1[^\r]*\r\n/s);
    expect(texts[0]).toContain('rport=5060');
    expect(server.counters).toMatchObject({ malformed: 1, sent: 1 });
    expect(server.transactionCount).toBe(0);
  });

  for (const [name, text] of [
    [
      'ACK',
      'ACK sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: x ACK\r\n\r\n',
    ],
    ['response', 'SIP/2.0 200\r\nVia: SIP/2.0/UDP h\r\n\r\n'],
    [
      'message without Via',
      'OPTIONS sip:x SIP/2.0\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n',
    ],
    ['line of noise', 'hello there, who are you?'],
  ] as const) {
    play(`a malformed ${name} is dropped`, async ({ world, peer, server }) => {
      const { socket, texts } = await rawSocket(world, peer);
      socket.send(Buffer.from(text), SERVER, 5060);
      await world.run(1000);
      expect(texts).toEqual([]);
      expect(server.counters.malformed).toBe(1);
    });
  }

  play('an answer to what is malformed is hardly larger than that', async ({ world, peer }) => {
    const { socket } = await rawSocket(world, peer);
    const sizes: number[] = [];
    world.trace.tap(({ bytes }) => sizes.push(bytes.length));
    socket.send(
      Buffer.from('A sip:x SIP/2.0\r\nv:SIP/2.0/UDP h;rport\r\nf:a\r\nt:b\r\ni:1\r\nCSeq:1 B\r\n\r\n'),
      SERVER,
      5060,
    );
    await world.run(1000);
    const [question = 0, answer = 0] = sizes;
    expect(answer).toBeLessThan(question + 200);
  });

  play(
    'a response whose Via is not ours, or that has two, is dropped (RFC 3261 §18.1.2)',
    async ({ world, peer, server }) => {
      const { socket } = await rawSocket(world, peer);
      const { outcome, transaction } = sendAndWatch(server, requestTo('sip:192.0.2.1'));
      await world.run(100);
      const { request } = transaction;
      const foreign = createResponse(request, 200).with({
        set: [['Via', `SIP/2.0/UDP 192.0.2.9;branch=${request.branch}`]],
      });
      const two = createResponse(request, 200).with({
        append: [['Via', 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx']],
      });
      const { serializeMessage } = await import('../../../../signaling/message/index.ts');
      for (const response of [foreign, two]) socket.send(serializeMessage(response), SERVER, 5060);
      await world.run(100);
      expect(outcome.statuses).toEqual([]);
      expect(server.counters.foreignResponses).toBe(2);
      socket.send(serializeMessage(createResponse(request, 200)), SERVER, 5060);
      await world.run(100);
      expect(outcome.statuses).toEqual([200]);
    },
  );

  play(
    'responses go to the port of sent-by, or with rport to the source port (RFC 3581 §4)',
    async ({ world, peer, server }) => {
      answerAll(server);
      const { texts } = await rawSocket(world, peer);
      const other = await world.complete(peer.network.bindUdp({ address: '0.0.0.0', port: 7000 }));
      const atOther: string[] = [];
      other.onDatagram = (bytes) => atOther.push(Buffer.from(bytes).toString());
      other.send(options('SIP/2.0/UDP 192.0.2.1:5060', '1'), SERVER, 5060);
      other.send(options('SIP/2.0/UDP 192.0.2.1:5060;rport', '2'), SERVER, 5060);
      await world.run(1000);
      expect(texts).toHaveLength(1);
      expect(atOther).toHaveLength(1);
      expect(atOther[0]).toContain(';rport=7000');
    },
  );
});

describe('over TCP', () => {
  play(
    'a double CRLF is answered with one, a single one is ignored (RFC 5626 §3.5.1)',
    async ({ world, peer, server }) => {
      const { tcp, state } = await rawConnection(world, peer);
      tcp.write(Buffer.from('\r\n'));
      await world.run(1000);
      expect(state.text).toBe('');
      tcp.write(Buffer.from('\r\n'));
      await world.run(1000);
      expect(state.text).toBe('\r\n');
      expect(server.counters.keepAlives).toBe(1);
    },
  );

  play('messages are cut out of the stream wherever it is torn', async ({ world, peer, server }) => {
    const requests = answerAll(server);
    const { tcp, state } = await rawConnection(world, peer);
    const stream = Buffer.concat(['1', '2', '3'].map((more) => options('SIP/2.0/TCP 192.0.2.1', more)));
    for (let i = 0; i < stream.length; i += 100) tcp.write(stream.subarray(i, i + 100));
    await world.run(1000);
    expect(requests).toHaveLength(3);
    expect(state.text.match(/SIP\/2\.0 200/g)).toHaveLength(3);
  });

  play(
    'a request that breaks the framing is answered, and the connection closed',
    async ({ world, peer, server }) => {
      const { tcp, state } = await rawConnection(world, peer);
      const bad = options('SIP/2.0/TCP 192.0.2.1')
        .toString()
        .replace('Content-Length: 0', 'Content-Length: -1');
      tcp.write(Buffer.from(bad + bad));
      await world.run(10_000);
      expect(state.text.match(/SIP\/2\.0 400/g)).toHaveLength(1);
      expect(state.isClosed).toBe(true);
      expect(server.counters.malformed).toBe(1);
      expect(world.tables()['server: TCP connections']).toBe(0);
    },
  );

  play('a message that does not end within 30 s ends its connection', async ({ world, peer, server }) => {
    const { tcp, state } = await rawConnection(world, peer);
    tcp.write(options('SIP/2.0/TCP 192.0.2.1'));
    tcp.write(Buffer.from('INVITE sip:x SIP/2.0\r\n'));
    for (let i = 0; i < 29; i += 1) {
      await world.run(1000);
      tcp.write(Buffer.from('X-Slow: yes\r\n'));
    }
    expect(state.isClosed).toBe(false);
    await world.run(1100);
    expect(state.isClosed).toBe(true);
    expect(server.counters.connectionsExpired).toBe(1);
  });

  play('who connects and says nothing is closed after 60 s', async ({ world, peer }) => {
    const { state } = await rawConnection(world, peer);
    await world.run(59_000);
    expect(state.isClosed).toBe(false);
    await world.run(1100);
    expect(state.isClosed).toBe(true);
  });

  play(
    'who has said something may be silent for an hour, and keep-alives prolong that',
    async ({ world, peer, server }) => {
      answerAll(server);
      const { tcp, state } = await rawConnection(world, peer);
      tcp.write(options('SIP/2.0/TCP 192.0.2.1'));
      await world.run(3_600_000);
      tcp.write(Buffer.from('\r\n\r\n'));
      await world.run(3_600_000);
      expect(state.isClosed).toBe(false);
      await world.run(600_000);
      expect(state.isClosed).toBe(true);
    },
  );

  for (const isListening of [true, false]) {
    const outcome = isListening
      ? 'goes over a new one, to the port of sent-by'
      : 'fails where nobody listens there';
    play(
      `a response whose connection is gone ${outcome} (RFC 3261 §18.2.2)`,
      async ({ world, peer, server }) => {
        const failures: string[] = [];
        server.on('request', (transaction) => {
          transaction.onFailure = (reason) => failures.push(reason);
          transaction.respond(createResponse(transaction.request, 183));
          peer.setTimer(world.now() + 500, () =>
            transaction.respond(createResponse(transaction.request, 486)),
          );
        });
        let text = '';
        if (isListening) {
          const listener = await world.complete(peer.network.listenTcp({ address: '0.0.0.0', port: 5066 }));
          listener.onConnection = (tcp) => {
            tcp.onData = (bytes) => {
              text += Buffer.from(bytes).toString();
            };
          };
        }
        const { tcp, state } = await rawConnection(world, peer);
        tcp.write(
          Buffer.from(options('SIP/2.0/TCP 192.0.2.1:5066').toString().replaceAll('OPTIONS', 'INVITE')),
        );
        await world.run(200);
        expect(state.text).toMatch(/^SIP\/2\.0 183 /);
        tcp.destroy();
        await world.run(2000);
        expect(text.startsWith('SIP/2.0 486 ')).toBe(isListening);
        expect(failures).toEqual(isListening ? [] : ['transport']);
        expect(server.transactionCount).toBe(isListening ? 1 : 0);
      },
    );
  }

  play('a lost connection fails what is under way on it, and is told', async ({ world, peer, server }) => {
    const listener = await world.complete(peer.network.listenTcp({ address: '0.0.0.0', port: 5060 }));
    let accepted: TcpConnection | undefined;
    listener.onConnection = (tcp) => {
      accepted = tcp;
    };
    const lost: number[] = [];
    server.on('flowLost', ({ connectionId }) => lost.push(connectionId ?? -1));
    const { outcome } = sendAndWatch(server, requestTo('sip:192.0.2.1;transport=tcp'));
    await world.run(1000);
    expect(outcome).toMatchObject({ statuses: [], failures: [] });
    // Else the request would be tried once more, over a new one.
    listener.close();
    accepted?.destroy();
    await world.run(1000);
    expect(outcome.failures).toEqual(['transport']);
    expect(lost).toHaveLength(1);
    expect(server.transactionCount).toBe(0);
  });

  play('close() closes connections too, also those whose peer does not', async ({ world, peer, server }) => {
    await rawConnection(world, peer);
    server.close();
    await world.run(2000);
    expect(world.tables()['server: TCP connections']).toBe(0);
  });
});

scenario('a phone behind a NAT is answered, and reached over its flow (RFC 3581)', {}, async (world) => {
  const nat = world.nat('home', { externalAddress: '203.0.113.1' });
  const phone = world.host('phone', { addresses: ['10.0.0.2'], behind: nat });
  const server = await world.complete(openOn(world.host('server', { addresses: [SERVER] })));
  const client = await world.complete(openOn(phone));
  answerAll(client);
  const requests = answerAll(server);
  const flows: string[] = [];
  server.on('request', ({ flow }) => flows.push(flow.remote.address));
  const { outcome } = sendAndWatch(client, requestTo(`sip:${SERVER}`));
  await world.runUntil(() => isOver(outcome));
  expect(outcome.statuses).toEqual([200]);
  expect(flows).toEqual(['203.0.113.1']);
  expect(requests[0]?.topVia.parameters.get('received')).toBe('203.0.113.1');
});
