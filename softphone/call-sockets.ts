// The two UDP sockets of a call: RTP on an even port, RTCP on the next (RFC 3550 §11).
import { codeOf, OperationError, type Runtime, type UdpSocket } from '../core/index.ts';

/** Whoever opened them closes them. */
export interface CallSockets {
  readonly rtp: UdpSocket;
  readonly rtcp: UdpSocket;
}

const MOST_TRIES = 32;

/** @throws OperationError `MEDIA_PORTS_EXHAUSTED` where no pair is free */
export async function openCallSockets(runtime: Runtime, address: string): Promise<CallSockets> {
  const { network } = runtime;
  let lastCode: string | undefined;
  for (let i = 0; i < MOST_TRIES; i += 1) {
    const first = await network.bindUdp({ address, port: 0 });
    const { port } = first.local;
    const isEven = port % 2 === 0;
    try {
      const second = await network.bindUdp({ address, port: isEven ? port + 1 : port - 1 });
      return isEven ? { rtp: first, rtcp: second } : { rtp: second, rtcp: first };
    } catch (error) {
      // Its neighbour is taken: another pair will do.
      first.close();
      lastCode = codeOf(error);
    }
  }
  throw new OperationError(
    'MEDIA_PORTS_EXHAUSTED',
    `no pair of UDP ports is free on ${address} (${lastCode ?? 'unknown'}); close other programs that use them`,
  );
}
