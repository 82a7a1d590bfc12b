import { createSocket, type Socket } from 'node:dgram';
export type RelayHostRequest =
  | { readonly kind: 'hello' }
  | {
      readonly kind: 'open';
      readonly callId: string;
      readonly callerPort: number;
      readonly calleePort: number;
    };
export type RelayHostAnswer =
  | { readonly kind: 'hello' }
  | { readonly kind: 'opened'; readonly forCaller: number; readonly forCallee: number };
const bind = async () => {
  const s = createSocket({ type: 'udp4', lookup: (h, _o, d) => d(null, h, 4) });
  await new Promise<void>((r) => s.bind(0, '127.0.0.1', r));
  return s;
};
process.on('message', async (m: RelayHostRequest) => {
  if (m.kind === 'hello') return process.send!({ kind: 'hello' });
  const a = await bind();
  const b = await bind();
  const f = (x: Socket, y: Socket, p: number) => x.on('message', (q) => y.send(q, p, '127.0.0.1'));
  f(a, b, m.calleePort);
  f(b, a, m.callerPort);
  process.send!({ kind: 'opened', forCaller: a.address().port, forCallee: b.address().port });
});
