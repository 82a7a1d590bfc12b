// The TURN server under changed messages of clients, and under data of peers: it never fails, grows, or relays elsewhere.
import { expect } from 'vitest';
import { addressScope, DecodeError } from '../../../core/index.ts';
import { ATTRIBUTE, decodeStun, encodeChannelData, METHOD, StunWriter } from '../../../nat/index.ts';
import { encodeAddressFamily, encodeTransport } from '../../../nat/turn/values.ts';
import { PEER, type StageClient, TurnStage } from '../../support/turn-stage.ts';
import { type Fed, type FuzzTarget, fuzz } from '../support/fuzz.ts';

const MOST_KEPT = 100;
/** Of credentials: left away before a message is sealed anew. */
const SEALS: ReadonlySet<number> = new Set([
  ATTRIBUTE.username,
  ATTRIBUTE.realm,
  ATTRIBUTE.nonce,
  ATTRIBUTE.messageIntegrity,
]);

/** One of each, proven to be the client's. */
function requestsOf(client: StageClient): readonly Uint8Array[] {
  const udp = (writer: StunWriter) => writer.add(ATTRIBUTE.requestedTransport, encodeTransport(17));
  return [
    client.sealed(METHOD.allocate, udp),
    client.sealed(METHOD.allocate, (w) => udp(w).add(ATTRIBUTE.evenPort, Uint8Array.of(0x80))),
    client.sealed(METHOD.allocate, (w) =>
      udp(w).add(ATTRIBUTE.requestedAddressFamily, encodeAddressFamily(6)),
    ),
    client.sealed(METHOD.refresh, (w) => w.uint32(ATTRIBUTE.lifetime, 600)),
    client.sealed(METHOD.createPermission, (w) => w.xorAddress(ATTRIBUTE.xorPeerAddress, PEER)),
    client.sealed(METHOD.channelBind, (w) =>
      w.uint32(ATTRIBUTE.channelNumber, 0x4001_0000).xorAddress(ATTRIBUTE.xorPeerAddress, PEER),
    ),
    new StunWriter({ ...client.head(METHOD.send), class: 'indication' })
      .xorAddress(ATTRIBUTE.xorPeerAddress, PEER)
      .add(ATTRIBUTE.data, new Uint8Array(50))
      .finish(),
    new StunWriter(client.head(METHOD.binding)).fingerprint().finish(),
    encodeChannelData(0x4001, new Uint8Array(50)),
  ];
}

/** The changed attributes under the client's own seal: without it integrity keeps nearly all changes out. */
function sealedAnew(client: StageClient, input: Uint8Array): Uint8Array {
  const message = decodeStun(input);
  if (message instanceof DecodeError) return input;
  const kept = message.attributes.filter(({ type }) => !SEALS.has(type));
  return client.sealed(message.method, (writer) =>
    kept.reduce((built, { type, value }) => built.add(type, value), writer),
  );
}

function openServer(): { readonly corpus: readonly Uint8Array[]; readonly fed: Fed } {
  const stage = new TurnStage({ quotas: { perUser: 4, total: 8 } });
  const client = stage.allocated(5000);
  client.bindChannel(0x4001, PEER);
  const clients = [client, stage.client(5001), stage.client(5002, { transport: 'tcp' })];
  for (const each of clients) each.nonce = client.nonce;
  return {
    corpus: requestsOf(client),
    fed: {
      feed: (input, random) => {
        stage.pass(random.uint32() % 2000);
        const from = clients[random.uint32() % clients.length] ?? client;
        from.say(random.uint32() % 2 === 0 ? input : sealedAnew(from, input));
        const [relay] = stage.bound;
        if (relay) stage.arrive(relay.relayed, random.uint32() % 2 === 0 ? PEER : from.remote, input);
        judge(stage, clients);
      },
      close: () => {
        stage.server.close();
        expect(new Set(Object.values(stage.server.tables))).toEqual(new Set([0]));
        expect(stage.bound.size).toBe(0);
      },
    },
  };
}

/** Bounded, and nothing went where nobody may send. */
function judge(stage: TurnStage, clients: readonly StageClient[]): void {
  for (const { to } of stage.relayed.splice(0)) {
    expect(['public', 'documentation']).toContain(addressScope(to.address));
  }
  for (const size of Object.values(stage.server.tables)) expect(size).toBeLessThanOrEqual(MOST_KEPT);
  expect(stage.server.counters.faults).toBe(0);
  // An old nonce is one of an hour ago: without a new one nothing would be reached any more.
  const fresh = clients[0]?.lastNonce;
  for (const client of clients) {
    client.nonce = fresh ?? client.nonce;
    client.received.length = 0;
  }
  stage.events.length = 0;
}

const { corpus, fed } = openServer();
const targets: readonly FuzzTarget[] = [{ name: 'the TURN server', corpus, open: () => fed }];
fuzz(targets);
