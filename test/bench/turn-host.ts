// Our TURN server alone, as a process that a bench can measure. Commanded over its pipe.
import { createNodeRuntime } from '../../core/index.ts';
import { startTurnWorker } from '../../nat/index.ts';

export interface TurnHostRequest {
  readonly kind: 'hello';
}

export interface TurnHostAnswer {
  readonly port: number;
}

const ADDRESS = '127.0.0.1';

const server = await startTurnWorker(createNodeRuntime(), {
  listen: { udp: [{ address: ADDRESS, port: 0 }] },
  realm: 'bench',
  credentials: { users: { bench: 'bench' } },
  quotas: { perUser: 10_000, total: 10_000 },
  allowPeers: ['127.0.0.0/8'],
});

process.on('message', () => {
  process.send?.({ port: server.listening.udp[0]?.port ?? 0 } satisfies TurnHostAnswer);
});
process.once('SIGTERM', () => void server.close().finally(() => process.exit(0)));
