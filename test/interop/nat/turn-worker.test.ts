// The thread of a TURN server, with real sockets: its start, its faults, its end.
import { expect, test } from 'vitest';
import { codeOf, createNodeRuntime, UsageError } from '../../../core/index.ts';
import { decodeStun, METHOD, StunMessage, StunWriter, startTurnWorker } from '../../../nat/index.ts';

const ANYWHERE = { address: '127.0.0.1', port: 0 };
const credentials = { users: { alice: 'secret' } };
const runtime = createNodeRuntime();

const each = process.platform === 'linux' ? (['linux', 'node'] as const) : (['node'] as const);

test.each(each)('answers STUN by %s, reports, and frees its port when it is closed', async (sockets) => {
  const server = await startTurnWorker(runtime, { listen: { udp: [ANYWHERE] }, credentials, sockets });
  const [place] = server.listening.udp;
  if (!place) throw new Error('it listens');
  const client = await runtime.network.bindUdp(ANYWHERE);
  const answered = new Promise<Uint8Array>((resolve) => {
    client.onDatagram = (bytes) => resolve(bytes.slice());
  });
  const head = { method: METHOD.binding, class: 'request', transactionId: new Uint8Array(12) } as const;
  client.send(new StunWriter(head).finish(), place.address, place.port);
  const answer = decodeStun(await answered);
  expect(answer instanceof StunMessage && answer.mappedAddress).toEqual(client.local);
  expect(await server.report()).toMatchObject({ bindings: 1, allocations: 0, faults: 0 });
  client.close();
  await server.close();
  const again = await runtime.network.bindUdp(place);
  again.close();
});

test('a port that is taken is an error with its code', async () => {
  const taken = await runtime.network.bindUdp(ANYWHERE);
  const error = await startTurnWorker(runtime, { listen: { udp: [taken.local] }, credentials }).catch(
    (e) => e,
  );
  expect(codeOf(error)).toBe('EADDRINUSE');
  taken.close();
});

test('options that make no sense are the fault of who gave them', async () => {
  const start = startTurnWorker(runtime, { listen: { tls: [ANYWHERE] }, credentials });
  await expect(start).rejects.toThrow(UsageError);
});
