import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../../core/index.ts';
import type { IceDescription } from '../../../nat/index.ts';
import { CallPath } from '../../../softphone/call-path.ts';
import type { AgreedSound } from '../../../softphone/negotiation.ts';
import { FakePath, FakeSocket, HOST } from './fake-path.ts';

const SERVER: Endpoint = { address: '192.0.2.1', port: 10_000 };
const PEER: Endpoint = { address: '198.51.100.7', port: 50_000 };
const STRANGER: Endpoint = { address: '203.0.113.99', port: 9 };
const bytes = new Uint8Array([0x80, 0]);

const ICE: IceDescription = {
  credentials: { ufrag: 'peer', password: 'password of the peer 01' },
  candidates: [],
};

function agreed(ice: IceDescription | undefined, rtp = SERVER): AgreedSound {
  const remote = { rtp, rtcp: rtp, rtcpMux: true, formats: [], direction: 'sendrecv', ptimeMs: 20 } as const;
  return { remote, sendFormats: [], receiveFormats: [], ice };
}

function make({ isRelayOnly = false } = {}) {
  const path = new FakePath();
  const [rtp, rtcp] = [new FakeSocket(HOST), new FakeSocket({ ...HOST, port: 4001 })];
  let now = 1000;
  const sockets = { rtp, rtcp };
  const call = new CallPath({
    path,
    sockets,
    now: () => now,
    addresses: () => [HOST.address],
    isRelayOnly,
    namedServers: ['stun:192.0.2.9:3478'],
  });
  const heard: Endpoint[] = [];
  call.sockets.rtp.onDatagram = (_bytes, address, port) => heard.push({ address, port });
  const send = () => call.sockets.rtp.send(bytes, SERVER.address, SERVER.port);
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  return { path, rtp, rtcp, call, heard, send, pass };
}

describe('CallPath', () => {
  it('names the address of the description for as long as there is no path', () => {
    const { path, rtp, call, send } = make();
    call.agree(agreed(ICE));
    send();
    expect(path.sent).toEqual([{ bytes, fallback: SERVER }]);
    expect(rtp.sent).toEqual([]);
  });

  it('takes no path to a far end that answered without ICE, and none that an earlier one had', () => {
    const { path, rtp, call, heard, send } = make();
    call.agree(agreed(undefined));
    send();
    expect([rtp.sent.length, path.sent.length, path.remotes.length]).toEqual([0, 1, 0]);
    path.select(PEER);
    send();
    expect(rtp.sent).toMatchObject([SERVER]);
    path.onData?.(1, bytes, STRANGER, false);
    // The latch of the session judges it.
    expect(heard).toEqual([STRANGER]);
  });

  it('hands up proven sound as that of the described address, and drops and counts what nobody proved', () => {
    const { path, call, heard } = make();
    call.agree(agreed(ICE));
    path.onData?.(1, bytes, PEER, true);
    path.onData?.(1, bytes, SERVER, false);
    path.onData?.(1, bytes, STRANGER, false);
    expect(heard).toEqual([SERVER, SERVER]);
    expect(call.unproven).toBe(1);
  });

  it('sends through relays alone where others would tell our address', () => {
    const { path, rtp, call, send } = make({ isRelayOnly: true });
    call.agree(agreed(ICE));
    send();
    call.agree(agreed(undefined));
    send();
    expect(rtp.sent).toEqual([]);
    expect(path.sent.map(({ fallback }) => fallback)).toEqual([SERVER, SERVER]);
  });

  it('tells when the first path was found, and counts what took its place', () => {
    const { path, call, pass } = make();
    const changes: number[] = [];
    call.onChange = () => changes.push(call.facts.changes);
    call.agree(agreed(ICE));
    expect(call.facts).toMatchObject({ selected: undefined, described: SERVER, firstFoundAt: undefined });
    pass(84);
    path.select(PEER);
    path.select(PEER);
    path.select({ ...PEER, port: 50_001 });
    path.select(undefined);
    path.select(PEER);
    expect(changes).toEqual([0, 1, 2, 3]);
    expect(call.facts).toMatchObject({ firstFoundAt: 1084, changes: 3 });
    expect(call.facts.selected?.remote).toEqual(PEER);
  });

  it('looks whether the path still lives where sound stopped, once a second at most', () => {
    const { path, call, pass } = make();
    call.agree(agreed(ICE));
    call.noteSilence(5000);
    expect(path.probes).toBe(0);
    path.select(PEER);
    for (let silentMs = 0; silentMs <= 1500; silentMs += 10) {
      call.noteSilence(silentMs);
      pass(10);
    }
    expect(path.probes).toBe(2);
  });

  it('closes the path and both ports', () => {
    const { path, rtcp, call } = make();
    call.close();
    expect([path.isClosed, rtcp.isClosed]).toEqual([true, true]);
  });
});

it('tells of silent servers that somebody named', () => {
  const { path, call } = make();
  path.silentServers = ['stun:192.0.2.1:3478', 'stun:192.0.2.9:3478'];
  expect(call.facts.silentServers).toEqual(['stun:192.0.2.9:3478']);
});
