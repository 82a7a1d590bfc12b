// Our media engine alone, with one worker, as a process that a bench can measure. Commanded over its pipe.
import { type OpenedLeg, type RemoteMedia, WorkerMediaEngine } from '../../media/index.ts';

export type RelayHostRequest =
  | { readonly kind: 'hello' }
  | {
      readonly kind: 'open';
      readonly callId: string;
      /** Ports of 127.0.0.1 from which the parties send and at which they hear. */
      readonly callerPort: number;
      readonly calleePort: number;
    };

export type RelayHostAnswer =
  | { readonly kind: 'hello' }
  /** Ports to which the parties send. */
  | { readonly kind: 'opened'; readonly forCaller: number; readonly forCallee: number }
  | { readonly kind: 'failed'; readonly reason: string };

const ADDRESS = '127.0.0.1';

const engine = await WorkerMediaEngine.start({ workers: 1, ports: { first: 32_000, last: 60_000 } });

process.on('message', (request: RelayHostRequest) => {
  perform(request).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ kind: 'failed', reason: String(error) } satisfies RelayHostAnswer),
  );
});
process.once('SIGTERM', () => void engine.close().finally(() => process.exit(0)));

async function perform(request: RelayHostRequest): Promise<RelayHostAnswer> {
  if (request.kind === 'hello') return { kind: 'hello' };
  const caller = await openLeg(request.callId, 'caller');
  const callee = await openLeg(request.callId, 'callee');
  await engine.setRemote(caller.legId, remoteAt(request.callerPort));
  await engine.setRemote(callee.legId, remoteAt(request.calleePort));
  await engine.connect(caller.legId, callee.legId);
  return { kind: 'opened', forCaller: caller.rtpPort, forCallee: callee.rtpPort };
}

function openLeg(callKey: string, label: string): Promise<OpenedLeg> {
  return engine.openLeg({ callKey, localAddress: ADDRESS, label });
}

function remoteAt(port: number): RemoteMedia {
  return {
    rtp: { address: ADDRESS, port },
    rtcp: { address: ADDRESS, port: port + 1 },
    rtcpMux: false,
    formats: [{ payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 }],
    direction: 'sendrecv',
    ptimeMs: 20,
  };
}
