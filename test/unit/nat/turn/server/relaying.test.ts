import { describe, expect, test } from 'vitest';
import { ATTRIBUTE, encodeChannelData, METHOD, StunWriter } from '../../../../../nat/index.ts';
import { PEER, RELAY_ADDRESS, TurnStage } from '../../../../support/turn-stage.ts';

const DATA = Uint8Array.of(1, 2, 3, 4, 5);
const HIDDEN = '10.0.0.9';

function stageWithChannel(options: ConstructorParameters<typeof TurnStage>[0] = {}) {
  const stage = new TurnStage(options);
  const client = stage.allocated(5000);
  client.bindChannel(0x4001, PEER);
  const [relayed = PEER] = client.relayed;
  return { stage, client, relayed };
}

describe('what is dropped is counted', () => {
  const { stage, client, relayed } = stageWithChannel();
  const stranger = stage.client(6000);
  const send = (build: (writer: StunWriter) => StunWriter) =>
    client.say(build(new StunWriter({ ...client.head(METHOD.send), class: 'indication' })).finish());

  test.each([
    {
      name: 'ChannelData without an allocation',
      reason: 'noAllocation',
      play: () => stranger.say(encodeChannelData(0x4001, DATA)),
    },
    { name: 'Send without an allocation', reason: 'noAllocation', play: () => stranger.sendTo(PEER, DATA) },
    {
      name: 'ChannelData on a channel that is not bound',
      reason: 'channelUnbound',
      play: () => client.say(encodeChannelData(0x4002, DATA)),
    },
    {
      name: 'ChannelData shorter than it says',
      reason: 'malformed',
      play: () => client.say(encodeChannelData(0x4001, DATA).subarray(0, 8)),
    },
    { name: 'half a header', reason: 'malformed', play: () => client.say(Uint8Array.of(0x40, 1)) },
    { name: 'nothing', reason: 'malformed', play: () => client.say(new Uint8Array(0)) },
    { name: 'no STUN', reason: 'malformed', play: () => client.say(new Uint8Array(40).fill(0xff)) },
    {
      name: 'Send to a peer without permission',
      reason: 'noPermission',
      play: () => client.sendTo({ address: '192.0.2.99', port: 1 }, DATA),
    },
    { name: 'Send to port 0', reason: 'peerRefused', play: () => client.sendTo({ ...PEER, port: 0 }, DATA) },
    {
      name: 'Send without data',
      reason: 'malformed',
      play: () => send((writer) => writer.xorAddress(ATTRIBUTE.xorPeerAddress, PEER)),
    },
    {
      name: 'Send without a peer',
      reason: 'malformed',
      play: () => send((writer) => writer.add(ATTRIBUTE.data, DATA)),
    },
    {
      name: 'Send with DONT-FRAGMENT, which we cannot do (RFC 8656 §11.2)',
      reason: 'malformed',
      play: () =>
        send((w) =>
          w.xorAddress(ATTRIBUTE.xorPeerAddress, PEER).add(ATTRIBUTE.data, DATA).flag(ATTRIBUTE.dontFragment),
        ),
    },
    {
      name: 'a datagram of a peer without permission',
      reason: 'noPermission',
      play: () => stage.arrive(relayed, { address: '192.0.2.99', port: 1 }, DATA),
    },
    {
      name: 'a datagram that is too large for its header',
      reason: 'tooLarge',
      play: () => stage.arrive(relayed, PEER, new Uint8Array(65_505)),
    },
    {
      name: 'a response',
      reason: 'unexpected',
      play: () => client.say(new StunWriter({ ...client.head(METHOD.refresh), class: 'success' }).finish()),
    },
    {
      name: 'a Data indication from a client',
      reason: 'unexpected',
      play: () => client.say(new StunWriter({ ...client.head(METHOD.data), class: 'indication' }).finish()),
    },
    {
      name: 'a Connect request (RFC 6062)',
      reason: 'unexpected',
      play: () => client.say(new StunWriter(client.head(METHOD.connect)).finish()),
    },
    {
      name: 'what a slow client does not take',
      reason: 'clientSlow',
      play: () => {
        client.isSlow = true;
        stage.arrive(relayed, PEER, DATA);
        client.isSlow = false;
      },
    },
    {
      name: 'an answer that a slow client does not take',
      reason: 'clientSlow',
      play: () => {
        client.isSlow = true;
        client.say(new StunWriter(client.head(METHOD.refresh)).finish());
        client.isSlow = false;
      },
    },
  ] as const)('$name: $reason', ({ reason, play }) => {
    const before = stage.server.counters;
    const [sent, received] = [stage.relayed.length, client.received.length];
    play();
    const after = stage.server.counters;
    expect((after.dropped[reason] ?? 0) - (before.dropped[reason] ?? 0)).toBe(1);
    expect([stage.relayed.length, client.received.length]).toEqual([sent, received]);
  });
});

describe('relaying', () => {
  test('carries empty datagrams both ways (RFC 8656 §12.6)', () => {
    const { stage, client, relayed } = stageWithChannel();
    client.say(encodeChannelData(0x4001, new Uint8Array(0)));
    expect(stage.relayed.at(-1)?.bytes).toHaveLength(0);
    stage.arrive(relayed, PEER, new Uint8Array(0));
    expect(client.last).toEqual(encodeChannelData(0x4001, new Uint8Array(0)));
  });

  test('leaves padding behind (RFC 8656 §12.5)', () => {
    const { stage, client } = stageWithChannel();
    client.say(Uint8Array.of(...encodeChannelData(0x4001, DATA), 0, 0, 0));
    expect(stage.relayed.at(-1)?.bytes).toEqual(DATA);
  });

  test('from another port of a permitted peer comes as a Data indication', () => {
    const { stage, client, relayed } = stageWithChannel();
    stage.arrive(relayed, { ...PEER, port: 4001 }, DATA);
    expect(client.lastMessage.xorAddress(ATTRIBUTE.xorPeerAddress)).toEqual({ ...PEER, port: 4001 });
  });

  test('ends for a peer 300 s after its permission, and for a channel after 600 s (RFC 8656 §9, §12)', () => {
    const { stage, client, relayed } = stageWithChannel();
    const comes = () => {
      const { receivedPackets } = stage.server.counters;
      stage.arrive(relayed, PEER, DATA);
      return stage.server.counters.receivedPackets > receivedPackets;
    };
    stage.pass(299_999);
    expect(comes()).toBe(true);
    stage.pass(1);
    expect(comes()).toBe(false);
    expect(stage.server.counters).toMatchObject({ permissions: 0, channels: 1 });
    client.permit(PEER);
    expect(comes()).toBe(true);
    client.refresh();
    stage.pass(300_000);
    expect(stage.server.counters).toMatchObject({ allocations: 1, permissions: 0, channels: 0 });
  });

  test('by ChannelData prolongs nothing (RFC 8656 §12.6)', () => {
    const { stage, client } = stageWithChannel();
    stage.pass(200_000);
    client.say(encodeChannelData(0x4001, DATA));
    stage.pass(100_000);
    expect(stage.server.counters.permissions).toBe(0);
  });

  test('over the limit is dropped, in each direction by itself', () => {
    const { stage, client, relayed } = stageWithChannel({ maxBytesPerSecond: 1000 });
    for (let i = 0; i < 15; i += 1) client.say(encodeChannelData(0x4001, new Uint8Array(100)));
    for (let i = 0; i < 12; i += 1) stage.arrive(relayed, PEER, new Uint8Array(100));
    expect(stage.server.counters).toMatchObject({ sentPackets: 10, receivedPackets: 10 });
    expect(stage.server.counters.dropped.overBandwidth).toBe(7);
    stage.pass(500);
    for (let i = 0; i < 15; i += 1) client.say(encodeChannelData(0x4001, new Uint8Array(100)));
    expect(stage.server.counters.sentPackets).toBe(15);
  });

  test('between two relays behind a NAT goes straight, and each knows the other by its outer address', () => {
    const stage = new TurnStage({ relayAddresses: [{ local: HIDDEN, advertised: RELAY_ADDRESS }] });
    const [alice, bob] = [stage.allocated(5000), stage.allocated(5001)];
    const [a = PEER, b = PEER] = [alice.relayed[0], bob.relayed[0]];
    expect(a.address).toBe(RELAY_ADDRESS);
    alice.bindChannel(0x4001, b);
    bob.bindChannel(0x4002, a);
    alice.say(encodeChannelData(0x4001, DATA));
    expect(stage.relayed.at(-1)?.to).toEqual({ address: HIDDEN, port: b.port });
    stage.arrive(b, { address: HIDDEN, port: a.port }, DATA);
    expect(bob.last).toEqual(encodeChannelData(0x4002, DATA));
  });
});

describe('a socket of this machine that was admitted', () => {
  const LEG = {
    peer: { address: RELAY_ADDRESS, port: 10_000 },
    local: { address: '10.0.0.1', port: 10_000 },
  };

  function stageWithLeg() {
    const stage = new TurnStage();
    stage.server.admit(LEG);
    const client = stage.allocated(5000);
    client.permit(LEG.peer);
    const [relayed = PEER] = client.relayed;
    const refused = () => stage.server.counters.dropped.peerRefused ?? 0;
    return { stage, client, relayed, refused };
  }

  test('is sent to where it is bound, and answers under its name', () => {
    const { stage, client, relayed } = stageWithLeg();
    client.sendTo(LEG.peer, DATA);
    expect(stage.relayed.at(-1)).toMatchObject({ to: LEG.local, bytes: DATA });
    stage.arrive(relayed, LEG.local, DATA);
    expect(client.lastMessage.xorAddress(ATTRIBUTE.xorPeerAddress)).toEqual(LEG.peer);
  });

  test('has a channel until it is dismissed', () => {
    const { stage, client } = stageWithLeg();
    expect(client.bindChannel(0x4001, LEG.peer).class).toBe('success');
    client.say(encodeChannelData(0x4001, DATA));
    expect(stage.relayed.at(-1)?.to).toEqual(LEG.local);
    stage.server.dismiss(LEG);
    const sent = stage.relayed.length;
    client.say(encodeChannelData(0x4001, DATA));
    client.sendTo(LEG.peer, DATA);
    expect(stage.relayed).toHaveLength(sent);
    expect(stage.server.counters.dropped).toMatchObject({ channelUnbound: 1, peerRefused: 1 });
    expect(client.bindChannel(0x4001, LEG.peer).error?.code).toBe(403);
  });

  test('opens no other port of its address, in neither direction', () => {
    const { stage, client, relayed, refused } = stageWithLeg();
    const sip = { ...LEG.peer, port: 5060 };
    client.sendTo(sip, DATA);
    expect(client.bindChannel(0x4001, sip).error?.code).toBe(403);
    const received = client.received.length;
    stage.arrive(relayed, sip, DATA);
    expect([stage.relayed.length, client.received.length, refused()]).toEqual([0, received, 2]);
  });
});
