// What a program can do with the package alone: this file compiles only where every type that it needs is exported.
import { describe, expect, it } from 'vitest';
import {
  type AudioSource,
  type CallRecord,
  type CallReport,
  createLog,
  createNodeRuntime,
  createServer,
  createSoftphone,
  type ExitStatus,
  exitStatusOf,
  formatReport,
  type IncomingPhoneCall,
  InlineMediaEngine,
  type MakeSource,
  type MediaEngine,
  MemorySink,
  MemoryStore,
  type OpenMediaOptions,
  type OutgoingPhoneCall,
  type PatchcordServer,
  type PhoneCall,
  type PhoneCallEvents,
  type PingReply,
  type Position,
  pingStatistics,
  prepareSink,
  prepareSource,
  type RoomEvent,
  type RoomHandle,
  type RoomState,
  type Runtime,
  type Softphone,
  type SoftphoneEvents,
  type SoftphoneOptions,
  type Store,
  UsageError,
} from '../../index.ts';

class Beep implements AudioSource {
  readonly sampleRateHz = 8000;
  readonly isEnded = false;

  read(pcm: Int16Array): void {
    pcm.fill(1000);
  }
}

/** Never run: it is the compiler that reads it. */
export async function program(store: Store = new MemoryStore()): Promise<ExitStatus> {
  const runtime: Runtime = createNodeRuntime({ log: createLog('warn') });
  const openMedia = (on: Runtime, options: OpenMediaOptions): MediaEngine =>
    new InlineMediaEngine(on, options);
  const users = { alice: { password: 'secret' } };
  const server: PatchcordServer = await createServer({ runtime, store, openMedia, users });
  const records: CallRecord[] = [];
  server.on('record', (record) => records.push(record));
  const makeSource: MakeSource = () => new Beep();
  const options: SoftphoneOptions = { runtime, makeSource, makeSink: async (rate) => new MemorySink(rate) };
  const phone: Softphone = await createSoftphone(options);
  phone.on('call', (call: IncomingPhoneCall) => void call.accept());
  phone.on('registration', ({ state }: SoftphoneEvents['registration']) => state === 'registered');
  const outgoing: OutgoingPhoneCall = await phone.call('bob');
  const call: PhoneCall = outgoing;
  call.on('digit', ({ digit }: PhoneCallEvents['digit']) => call.sendDigits(digit));
  const replies: readonly PingReply[] = [await phone.ping('bob')];
  const report: CallReport = await call.finished;
  formatReport(report);
  await phone.close();
  await server.close();
  return pingStatistics(replies).received > 0 ? exitStatusOf(report, 4) : 1;
}

/** Whoever is the only one to speak is moved to the right. */
export function moderate(server: PatchcordServer): void {
  const right: Position = { x: 2, y: 0, z: 0 };
  server.on('room', (event: RoomEvent) => {
    if (event.type !== 'talking') return;
    const room: RoomHandle = server.room(event.room);
    const state: RoomState | undefined = room.state;
    if (state?.members.length === 1) room.setPosition(event.memberId, right);
  });
}

describe('the package', () => {
  it('prepares sound from and to files, and says what is wrong with a name', async () => {
    const makeSource = await prepareSource({ kind: 'tone', frequencyHz: 440 });
    expect(makeSource().sampleRateHz).toBeGreaterThan(0);
    await expect(prepareSink('')).rejects.toBeInstanceOf(UsageError);
  });
});
