import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../core/index.ts';
import { Connections, type MakeConversion } from '../../../../media/engine/connections.ts';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import type { Conversion, Leg } from '../../../../media/leg/index.ts';
import { opusAs, PCMU, settle } from './media-lab.ts';

function legOf(label: string, ...formats: readonly PayloadFormat[]) {
  const leg = {
    label,
    passage: undefined as Leg['passage'],
    get peer() {
      return leg.passage?.to;
    },
    remote: { formats, ptimeMs: 20 },
    receiveFormats: formats,
  };
  // Cast: connections use no more of a leg than this.
  return leg as unknown as Leg & typeof leg;
}

/** Conversions that are there when the test says so. */
function createConnections() {
  const made: { readonly to: string; finish(): void; isClosed: boolean }[] = [];
  const make: MakeConversion = (_plan, { to }) =>
    new Promise((resolve) => {
      const entry = {
        to: to.label,
        isClosed: false,
        finish: () =>
          resolve({
            handlePacket: () => 'consumed',
            close: () => {
              entry.isClosed = true;
            },
          } satisfies Conversion),
      };
      made.push(entry);
    });
  return { connections: new Connections(make, silentLog), made };
}

describe('Connections', () => {
  it('makes nothing where the parties speak alike', async () => {
    const { connections, made } = createConnections();
    const [a, b] = [legOf('a', PCMU), legOf('b', PCMU)];
    await connections.join(a, b);
    expect([a.peer, b.peer, made]).toEqual([b, a, []]);
  });

  it('is done when the conversions of both directions are there', async () => {
    const { connections, made } = createConnections();
    let isDone = false;
    const joined = connections.join(legOf('a', PCMU), legOf('b', opusAs(96))).then(() => {
      isDone = true;
    });
    await settle();
    expect([made.map(({ to }) => to), isDone]).toEqual([['b', 'a'], false]);
    for (const { finish } of made) finish();
    await joined;
  });

  it('keeps a conversion over SDP that changes nothing, and closes it with the connection', async () => {
    const { connections, made } = createConnections();
    const [a, b] = [legOf('a', PCMU), legOf('b', opusAs(96))];
    const joined = connections.join(a, b);
    for (const { finish } of made) finish();
    await joined;
    await connections.refresh(a);
    expect(made.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    connections.part(b);
    expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect([a.peer, b.peer]).toEqual([undefined, undefined]);
  });

  it('says that it makes what the first packet asked for, though nobody waits for it', async () => {
    const { connections, made } = createConnections();
    const [a, b] = [legOf('a', opusAs(96), PCMU), legOf('b', PCMU)];
    await connections.join(a, b);
    expect([made.length, connections.makingCount]).toEqual([0, 0]);
    Object.assign(b, { isReady: true, isPlaying: false });
    expect(a.passage?.pass(0, new Uint8Array(172), 96, 12)).toBe('no-codec');
    expect([made.length, connections.makingCount]).toEqual([1, 1]);
    made[0]?.finish();
    await settle();
    expect(connections.makingCount).toBe(0);
    expect(a.passage?.pass(0, new Uint8Array(172), 96, 12)).toBe('consumed');
  });

  it('closes what is there only after the connection ended, or after SDP wants something else', async () => {
    const { connections, made } = createConnections();
    const [a, b] = [legOf('a', PCMU), legOf('b', opusAs(96))];
    const joined = connections.join(a, b);
    Object.assign(b, { receiveFormats: [opusAs(97)], remote: { formats: [opusAs(97)], ptimeMs: 20 } });
    const refreshed = connections.refresh(b);
    await settle();
    expect(made).toHaveLength(4);
    for (const { finish } of made.slice(0, 2)) finish();
    await joined;
    expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true, false, false]);
    connections.part(a);
    for (const { finish } of made) finish();
    await refreshed;
    expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true, true, true]);
  });
});
