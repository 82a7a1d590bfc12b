// The bridge that many servers have: each beat decodes each member, and encodes for each the sum without it. Sockets,
// legs, jitter buffers and codecs are ours, so that nothing differs but what is measured.
import { loadSystemCalls, PolledRuntime, silentLog } from '../../../core/index.ts';
import { type Codec, loadCodecs } from '../../../media/index.ts';
import { Leg } from '../../../media/leg/index.ts';
import { PacketFeed } from '../../../media/receiver/packet-feed.ts';
import { VoiceReceiver } from '../../../media/receiver/voice-receiver.ts';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../../../media/rtp/index.ts';
import { ADDRESS, type BridgeAnswer, type BridgeRequest, OPUS, serveBridge } from './contract.ts';

const BEAT_MS = 20;
const LATEST_BEAT_MS = 60;
const FRAMES = 960;
const FIRST_PORT = Number(process.argv[2]);

interface Member {
  readonly leg: Leg;
  readonly receiver: VoiceReceiver;
  readonly codec: Codec;
  voice: Int16Array;
  sequenceNumber: number;
  timestamp: number;
}

const runtime = new PolledRuntime(await loadSystemCalls(), silentLog);
const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
const members: Member[] = [];
const sum = new Int32Array(FRAMES);
const mix = new Int16Array(FRAMES);
const packet = new Uint8Array(2048);
let [beats, decodes, encodes, nextBeatAt] = [0, 0, 0, runtime.clock.now() + BEAT_MS];

serveBridge(perform);
process.once('SIGTERM', () => process.exit(0));
runtime.setTimer(nextBeatAt, beat);
turn();

function turn(): void {
  runtime.runFor(5);
  setImmediate(turn);
}

async function perform(request: BridgeRequest): Promise<BridgeAnswer> {
  if (request.kind === 'rooms') return { kind: 'rooms', roomIds: [1] };
  if (request.kind === 'join') return { kind: 'joined', port: await join(request.port) };
  if (request.kind === 'report')
    return { kind: 'report', report: { beats, decodes, encodes, undecoded: 0, begun: [], left: [] } };
  return { kind: 'hello' };
}

async function join(port: number): Promise<number> {
  const own = FIRST_PORT + 2 * members.length;
  const bind = (localPort: number) => runtime.network.bindUdp({ address: ADDRESS, port: localPort });
  const codec = await codecs.create(opusDescription());
  const receiver = new VoiceReceiver();
  const feed = new PacketFeed({
    receiver,
    decoders: new Map([[OPUS.payloadType, codec]]),
    comfortNoise: [],
    clockRatesHz: new Map([[OPUS.payloadType, OPUS.clockRateHz]]),
  });
  const leg = new Leg({
    ...{ legId: members.length + 1, label: 'member', cname: 'bench', ssrc: members.length + 1 },
    ...{ rtp: await bind(own), rtcp: await bind(own + 1), random: runtime.random, wallClockOffsetMs: 0 },
    ...{ inactivityMs: 60_000, now: () => runtime.clock.now() },
    listener: {
      legInactive: () => {},
      legLearned: () => {},
      legRefused: () => {},
      legDigit: () => {},
      legRearmed: () => {},
      legFailed: (_leg, error) => {
        throw error;
      },
    },
  });
  leg.passage = {
    to: undefined,
    pass: (now, bytes, _payloadType, offset, isCopy = false) => {
      feed.push(now, bytes, offset, isCopy);
      return 'consumed';
    },
    interrupt: () => {},
    close: () => {},
  };
  leg.setRemote(runtime.clock.now(), {
    rtp: { address: ADDRESS, port },
    rtcp: { address: ADDRESS, port: port + 1 },
    rtcpMux: false,
    formats: [OPUS],
    direction: 'sendrecv',
    ptimeMs: BEAT_MS,
  });
  const voice = new Int16Array(FRAMES);
  members.push({ leg, receiver, codec, voice, sequenceNumber: 0, timestamp: 0 });
  return own;
}

function opusDescription() {
  const description = codecs.find('opus');
  if (!description) throw new Error('there is no Opus here');
  return description;
}

function beat(): void {
  const now = runtime.clock.now();
  // What cannot be caught up with is left out.
  nextBeatAt = Math.max(nextBeatAt, now - LATEST_BEAT_MS) + BEAT_MS;
  beats += 1;
  sum.fill(0);
  for (const member of members) {
    member.voice = member.receiver.read(now, BEAT_MS);
    decodes += 1;
    for (let i = 0; i < FRAMES; i += 1) sum[i]! += member.voice[i] ?? 0;
  }
  for (const member of members) send(now, member);
  runtime.setTimer(nextBeatAt, beat);
}

function send(now: number, member: Member): void {
  const { voice, codec, leg } = member;
  for (let i = 0; i < FRAMES; i += 1) mix[i] = Math.max(-32_768, Math.min(32_767, sum[i]! - (voice[i] ?? 0)));
  const payload = codec.encode(mix);
  encodes += 1;
  member.sequenceNumber = (member.sequenceNumber + 1) & 0xffff;
  member.timestamp = (member.timestamp + FRAMES) >>> 0;
  const { sequenceNumber, timestamp } = member;
  writeRtpHeader(packet, {
    payloadType: OPUS.payloadType,
    marker: false,
    sequenceNumber,
    timestamp,
    ssrc: leg.legId,
  });
  packet.set(payload, RTP_HEADER_BYTES);
  leg.send(now, packet.subarray(0, RTP_HEADER_BYTES + payload.length));
}
