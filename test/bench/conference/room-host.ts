// Our media engine alone, with one worker, as a process that a bench can measure.

import { type RemoteMedia, WorkerMediaEngine } from '../../../media/index.ts';
import { CLIENT_LEVEL_URI } from '../../../media/rtp/index.ts';
import {
  ADDRESS,
  type BridgeAnswer,
  type BridgeReport,
  type BridgeRequest,
  LEVEL_ID,
  NO_ROOM,
  OPUS,
  serveBridge,
} from './contract.ts';

const first = Number(process.argv[2]);
const engine = await WorkerMediaEngine.start({ workers: 1, ports: { first, last: 60_000 } });
const roomIds: number[] = [];
const CALL_KEY = 'bench';

serveBridge(perform);
process.once('SIGTERM', () => void engine.close().finally(() => process.exit(0)));

async function perform(request: BridgeRequest): Promise<BridgeAnswer> {
  if (request.kind === 'rooms') return openRooms(request);
  if (request.kind === 'join') return join(request);
  if (request.kind === 'report') return { kind: 'report', report: await report() };
  return { kind: 'hello' };
}

async function openRooms({ count, maxTalkers }: BridgeRequest & { kind: 'rooms' }): Promise<BridgeAnswer> {
  const opened: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const options = {
      callKey: CALL_KEY,
      label: `room ${i}`,
      ...(maxTalkers === undefined ? {} : { maxTalkers }),
    };
    const { roomId } = await engine.openRoom(options);
    opened.push(roomId);
  }
  roomIds.push(...opened);
  return { kind: 'rooms', roomIds: opened };
}

async function join({ roomId, port, tellsLevel }: BridgeRequest & { kind: 'join' }): Promise<BridgeAnswer> {
  const leg = await engine.openLeg({ callKey: CALL_KEY, localAddress: ADDRESS, label: 'member' });
  const remote: RemoteMedia = {
    rtp: { address: ADDRESS, port },
    rtcp: { address: ADDRESS, port: port + 1 },
    rtcpMux: false,
    formats: [OPUS],
    direction: 'sendrecv',
    ptimeMs: 20,
    ...(tellsLevel
      ? { extensions: [{ id: LEVEL_ID, uri: CLIENT_LEVEL_URI, direction: 'recvonly' as const }] }
      : {}),
  };
  await engine.setRemote(leg.legId, remote);
  if (roomId === NO_ROOM) await engine.echo(leg.legId);
  else await engine.joinRoom(leg.legId, roomId);
  return { kind: 'joined', port: leg.rtpPort };
}

async function report(): Promise<BridgeReport> {
  const reports = await Promise.all(roomIds.map((roomId) => engine.roomReport(roomId)));
  const sum = (count: (one: (typeof reports)[number]) => number) =>
    reports.reduce((total, one) => total + count(one), 0);
  const added = (list: 'begun' | 'left') =>
    Array.from({ length: reports[0]?.lateness[list].length ?? 0 }, (_, step) =>
      sum(({ lateness }) => lateness[list][step] ?? 0),
    );
  return {
    beats: sum(({ beats }) => beats),
    decodes: sum(({ decodes }) => decodes),
    encodes: sum(({ encodes }) => encodes),
    undecoded: sum(({ undecoded }) => undecoded),
    begun: added('begun'),
    left: added('left'),
  };
}
