// The codecs alone, in a process of its own on the measured core.
import { type BridgeAnswer, type BridgeRequest, serveBridge } from './contract.ts';
import { measureCosts } from './costs.ts';

serveBridge(async (request: BridgeRequest): Promise<BridgeAnswer> => {
  if (request.kind === 'costs') return { kind: 'costs', costs: await measureCosts(request) };
  return { kind: 'hello' };
});
process.once('SIGTERM', () => process.exit(0));
