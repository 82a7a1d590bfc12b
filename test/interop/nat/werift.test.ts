// werift's full agent as the foreign one: in both roles, with candidates that come one by one, and data both ways.
import { afterEach, describe, expect, test } from 'vitest';
import { Connection, Candidate as WeriftCandidate } from 'werift';
import {
  addressFamily,
  addressScope,
  createNodeRuntime,
  DecodeError,
  nodeNetwork,
  SystemRandom,
} from '../../../core/index.ts';
import {
  candidatePriority,
  createIceCredentials,
  formatCandidate,
  IceLite,
  type IcePath,
  openIcePath,
  parseCandidate,
} from '../../../nat/index.ts';

const LIMIT = { timeout: 20_000, interval: 20 };

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface Ends {
  readonly path: IcePath;
  readonly werift: Connection;
  readonly heard: string[];
  readonly weriftHeard: string[];
}

interface Given {
  readonly role: 'controlling' | 'controlled';
  /** Of werift. */
  readonly iceLite?: boolean;
}

async function open({ role, iceLite = false }: Given): Promise<Ends> {
  const path = await openIcePath(createNodeRuntime(), { role, components: 1 });
  const werift = new Connection(role === 'controlled', { useIpv6: false, iceLite });
  cleanups.push(
    () => werift.close(),
    () => {
      path.close();
      return path.closed;
    },
  );
  const [heard, weriftHeard]: [string[], string[]] = [[], []];
  path.onData = (_component, bytes) => heard.push(textOf(bytes));
  werift.onData.subscribe((bytes) => weriftHeard.push(textOf(bytes)));
  return { path, werift, heard, weriftHeard };
}

/** The first byte makes it RTP, for who tells protocols apart. */
function dataOf(text: string): Buffer {
  return Buffer.concat([Buffer.of(0x80), Buffer.from(text)]);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(1)).toString();
}

async function exchange({ path, werift }: Ends): Promise<void> {
  await Promise.all([path.gathered, werift.gatherCandidates()]);
  const { candidates } = path.local;
  tellCredentials({ path, werift });
  for (const candidate of candidates) {
    await werift.addRemoteCandidate(WeriftCandidate.fromSdp(formatCandidate(candidate)));
  }
  await werift.addRemoteCandidate(undefined);
  const remote = { credentials: credentialsOf(werift), candidates: candidatesOf(werift) };
  path.setRemote({ ...remote, isLite: werift.iceLite });
}

function tellCredentials({ path, werift }: Pick<Ends, 'path' | 'werift'>): void {
  const { ufrag, password } = path.local.credentials;
  werift.setRemoteParams({ iceLite: false, usernameFragment: ufrag, password });
}

function credentialsOf(werift: Connection) {
  return { ufrag: werift.localUsername, password: werift.localPassword };
}

function candidatesOf(werift: Connection) {
  return werift.localCandidates.flatMap((candidate) => {
    const parsed = parseCandidate(candidate.toSdp());
    return parsed === undefined || parsed instanceof DecodeError ? [] : [parsed];
  });
}

async function expectTalk({ path, werift, heard, weriftHeard }: Ends): Promise<void> {
  await expect.poll(() => path.state, LIMIT).toBe('connected');
  await expect.poll(() => werift.state, LIMIT).toMatch(/connected|completed/);
  path.send(1, dataOf('from us'), undefined);
  await werift.send(dataOf('from werift'));
  await expect.poll(() => [heard, weriftHeard], LIMIT).toEqual([['from werift'], ['from us']]);
}

describe('werift', () => {
  for (const role of ['controlling', 'controlled'] as const) {
    test(`finds a path to us, ${role}`, async () => {
      const ends = await open({ role });
      await exchange(ends);
      await ends.werift.connect();
      await expectTalk(ends);
    });

    test(`finds a path to us, ${role}, when candidates come one by one`, async () => {
      const ends = await open({ role });
      const { path, werift } = ends;
      tellCredentials(ends);
      path.setRemote({ credentials: credentialsOf(werift), candidates: [], isTrickling: true });
      await Promise.all([path.gathered, werift.gatherCandidates()]);
      const connecting = werift.connect();
      for (const candidate of path.local.candidates) {
        await werift.addRemoteCandidate(WeriftCandidate.fromSdp(formatCandidate(candidate)));
      }
      await werift.addRemoteCandidate(undefined);
      for (const candidate of candidatesOf(werift)) {
        path.setRemote({ credentials: credentialsOf(werift), candidates: [candidate], isTrickling: true });
      }
      await connecting;
      await expectTalk(ends);
    });
  }

  test('is found by us where it is lite', async () => {
    // RFC 8445 §6.1.1: we control, though we were told otherwise.
    const ends = await open({ role: 'controlled', iceLite: true });
    ends.werift.iceControlling = false;
    await exchange(ends);
    await ends.werift.connect();
    await expectTalk(ends);
  });

  test('finds our lite agent', async () => {
    const [address = '127.0.0.1'] = nodeNetwork
      .localAddresses()
      .filter((text) => addressScope(text) !== 'loopback' && addressFamily(text) === 4);
    const socket = await nodeNetwork.bindUdp({ address, port: 0 });
    const werift = new Connection(true, { useIpv6: false });
    cleanups.push(
      () => werift.close(),
      async () => socket.close(),
    );
    const lite = new IceLite({
      credentials: createIceCredentials(new SystemRandom()),
      remoteUfrag: werift.localUsername,
    });
    const verdicts: string[] = [];
    socket.onDatagram = (bytes, source, port) => {
      const { verdict, response } = lite.handleCheck(0, bytes, { address: source, port });
      verdicts.push(verdict);
      if (response) socket.send(response, source, port);
    };
    const { ufrag, password } = lite.credentials;
    werift.setRemoteParams({ iceLite: true, usernameFragment: ufrag, password });
    await werift.gatherCandidates();
    const priority = candidatePriority('host', 1);
    const candidate = {
      foundation: '1',
      component: 1,
      priority,
      endpoint: socket.local,
      type: 'host',
    } as const;
    await werift.addRemoteCandidate(WeriftCandidate.fromSdp(formatCandidate(candidate)));
    await werift.addRemoteCandidate(undefined);
    await werift.connect();
    expect(verdicts).toContain('nominated');
    expect(verdicts).not.toContain('refused');
  });
});
