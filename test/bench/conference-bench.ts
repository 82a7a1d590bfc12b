// What a room costs: by talkers and not by members, beside a bridge that decodes and encodes for each.
import { LATENESS_STEP_MS } from '../../media/conference/beat-lateness.ts';
import { type Attendance, Bridge, type BridgeKind, type Measured } from './conference/bridge.ts';
import { type CodecCost, type CodecCosts, NO_ROOM } from './conference/contract.ts';
import { makeDtx, makeSilence, makeTalker, type Voice } from './conference/voices.ts';
import { formatPercent } from './report.ts';

const MEASURE_MS = 8000;
const TALKERS = 3;
const LARGE_ROOM = 200;
/** As many as one core bears of the bridge that does everything for each. */
const NAIVE_ROOM = 36;
const TARGET_MEMBER_RATIO = 1 / 6;
const TARGET_WORST_CASE = 1.1;
const HUGE_ROOM = 1000;
const EMPTY_ROOMS = 1000;
const EMPTY_MEASURE_MS = 15_000;
const TARGET_EMPTY_SHARE = 0.005;
/** What the project promises of its beat, over ten minutes. */
const BEAT_SECONDS = Number(process.env.PATCHCORD_BEAT_SECONDS ?? 60);
const BEAT_LOAD = 0.6;
const TARGET_IN_TIME = 0.999;
const IN_TIME_MS = 2;

interface Voices {
  readonly talkers: readonly Voice[];
  readonly silence: Voice;
  readonly dtx: Voice;
}

export async function benchConference(): Promise<boolean> {
  const wanted = process.env.PATCHCORD_CONFERENCE?.split(',');
  const voices = await makeVoices();
  let isMet = true;
  for (const [name, part] of Object.entries(PARTS)) {
    if (wanted && !wanted.includes(name)) continue;
    isMet = (await part(voices)) && isMet;
  }
  return isMet;
}

const PARTS: Readonly<Record<string, (voices: Voices) => Promise<boolean>>> = {
  members: benchMembers,
  talking: benchAllTalking,
  huge: benchHuge,
  empty: benchEmpty,
  beat: benchBeat,
};

async function makeVoices(): Promise<Voices> {
  const talkers = await Promise.all(Array.from({ length: 20 }, (_, seed) => makeTalker(seed + 1)));
  return { talkers, silence: await makeSilence(), dtx: await makeDtx() };
}

/** So many members, the first of whom talk. */
function attendance(count: number, talkers: readonly Voice[], silent: Attendance): readonly Attendance[] {
  return Array.from({ length: count }, (_, i) => {
    const voice = talkers[i];
    return voice ? { voice, tellsLevel: silent.tellsLevel ?? false } : silent;
  });
}

async function measureRoom(
  kind: BridgeKind,
  members: readonly Attendance[],
  maxTalkers?: number,
): Promise<Measured> {
  const bridge = await Bridge.start(kind);
  try {
    const [roomId = 0] = await bridge.openRooms(1, maxTalkers);
    await bridge.join(roomId, members);
    return await bridge.measure(MEASURE_MS);
  } finally {
    await bridge.stop();
  }
}

async function measureCodecs(voices: readonly Voice[], maxTalkers: number): Promise<CodecCosts> {
  const host = await Bridge.start('codec');
  try {
    return await host.costs(voices, maxTalkers);
  } finally {
    await host.stop();
  }
}

/** CPU seconds of an engine that sends every packet back as it came. */
async function measurePackets(members: readonly Attendance[]): Promise<number> {
  const bridge = await Bridge.start('room');
  try {
    await bridge.join(NO_ROOM, members);
    return (await bridge.measure(MEASURE_MS)).usage.serverSeconds;
  } finally {
    await bridge.stop();
  }
}

/** Microseconds of CPU a member and beat. */
function perMember({ usage, report }: Measured, members: number): number {
  return (usage.serverSeconds * 1e6) / report.beats / members;
}

async function benchMembers({ talkers, silence, dtx }: Voices): Promise<boolean> {
  print(
    `\nRoom of ${LARGE_ROOM}, ${TALKERS} talkers, Opus; beside a bridge that decodes and encodes for each of ${NAIVE_ROOM}`,
  );
  const speaking = talkers.slice(0, TALKERS);
  const kinds = [
    { name: 'silence at 50 packets/s', silent: { voice: silence } },
    { name: 'the same, levels told (RFC 6464)', silent: { voice: silence, tellsLevel: true } },
    { name: 'DTX', silent: { voice: dtx } },
  ] as const;
  let isMet = true;
  for (const { name, silent } of kinds) {
    const naive = await measureRoom('naive', attendance(NAIVE_ROOM, speaking, silent));
    const ours = await measureRoom('room', attendance(LARGE_ROOM, speaking, silent));
    const ratio = perMember(ours, LARGE_ROOM) / perMember(naive, NAIVE_ROOM);
    const encodes = ours.report.encodes / ours.report.beats;
    const isExact = ours.report.encodes === ours.report.beats * (TALKERS + 1);
    const isCheap = ratio <= TARGET_MEMBER_RATIO;
    print(`  silent members send ${name}`);
    print(`    ours   ${perMember(ours, LARGE_ROOM).toFixed(1)} µs a member and beat   ${describe(ours)}`);
    print(`    naive  ${perMember(naive, NAIVE_ROOM).toFixed(1)} µs a member and beat   ${describe(naive)}`);
    print(`    ratio 1/${(1 / ratio).toFixed(1)} (to reach: 1/6; ${verdict(isCheap)})`);
    print(`    encodes a beat ${encodes} (to reach: exactly ${TALKERS + 1}; ${verdict(isExact)})`);
    isMet = isMet && isExact && isCheap;
  }
  return isMet;
}

async function benchAllTalking({ talkers, silence }: Voices): Promise<boolean> {
  print('\nAll members talk: CPU beside that of the decodes and encodes alone');
  const cases = [
    { members: 8, maxTalkers: 8 },
    { members: 20, maxTalkers: 5 },
  ];
  let isMet = true;
  for (const { members, maxTalkers } of cases) {
    const speaking = talkers.slice(0, members);
    const present = attendance(members, speaking, { voice: silence });
    const measured = await measureRoom('room', present, maxTalkers);
    const { hot, paced } = await measureCodecs(speaking, maxTalkers);
    const packetSeconds = await measurePackets(present);
    const ratioTo = (cost: CodecCost, more = 0) =>
      measured.usage.serverSeconds / (secondsOf(measured, cost) + more);
    const isGood = ratioTo(paced) <= TARGET_WORST_CASE;
    print(`  ${members} members, K = ${maxTalkers}: ${describe(measured)}`);
    print(
      `    ratio ${ratioTo(paced).toFixed(2)} (to reach: ${TARGET_WORST_CASE}; ${verdict(isGood)}) to codecs that work ` +
        `every 20 ms (${costText(paced)}); ${ratioTo(hot).toFixed(2)} to codecs that never rest (${costText(hot)})`,
    );
    print(
      `    ratio ${ratioTo(paced, packetSeconds).toFixed(2)} to codecs every 20 ms, and an engine that only echoes the packets`,
    );
    isMet = isMet && isGood;
  }
  return isMet;
}

function secondsOf({ report }: Measured, { decodeMicroseconds, encodeMicroseconds }: CodecCost): number {
  return (report.decodes * decodeMicroseconds + report.encodes * encodeMicroseconds) / 1e6;
}

function costText({ decodeMicroseconds, encodeMicroseconds }: CodecCost): string {
  return `a decode ${decodeMicroseconds.toFixed(0)} µs, an encode ${encodeMicroseconds.toFixed(0)} µs`;
}

async function benchHuge({ talkers, silence, dtx }: Voices): Promise<boolean> {
  print(`\nRoom of ${HUGE_ROOM} on one core, ${TALKERS} talkers`);
  const speaking = talkers.slice(0, TALKERS);
  const kinds = [
    { name: 'levels told', silent: { voice: silence, tellsLevel: true } },
    { name: 'silence', silent: { voice: silence } },
    { name: 'DTX', silent: { voice: dtx } },
  ] as const;
  let isMet = true;
  for (const { name, silent } of kinds) {
    const measured = await measureRoom('room', attendance(HUGE_ROOM, speaking, silent));
    // Late is what began after the next was due.
    const late = measured.report.begun.at(-1) ?? 0;
    const expected = Math.floor(measured.usage.elapsedSeconds * 50);
    const isGood = late === 0 && measured.report.beats >= expected - 1;
    print(
      `  ${name}: ${late} of ${measured.report.beats} beats late, ${expected} expected (${verdict(isGood)}); ${describe(measured)}`,
    );
    print(`    ${lateness(measured)}`);
    isMet = isMet && isGood;
  }
  return isMet;
}

async function benchEmpty(): Promise<boolean> {
  const bridge = await Bridge.start('room');
  try {
    await bridge.openRooms(EMPTY_ROOMS);
    const { usage } = await bridge.measure(EMPTY_MEASURE_MS);
    const isGood = usage.serverBusy < TARGET_EMPTY_SHARE;
    const share = percent(usage.serverBusy, 2);
    print(
      `\n${EMPTY_ROOMS} empty rooms: ${share} of a core, all of the process (to reach: under 0.5 %; ${verdict(isGood)})`,
    );
    return isGood;
  } finally {
    await bridge.stop();
  }
}

async function benchBeat({ talkers, dtx }: Voices): Promise<boolean> {
  const bridge = await Bridge.start('room');
  try {
    const members = attendance(6, talkers.slice(0, 2), { voice: dtx });
    const open = async (count: number) => {
      for (const roomId of await bridge.openRooms(count)) await bridge.join(roomId, members);
    };
    // Rooms cost less each while more of the core is warm: measured again with about as many as it takes.
    let rooms = 5;
    await open(rooms);
    for (let tries = 0; tries < 2; tries += 1) {
      const { usage } = await bridge.measure(4000);
      const wanted = Math.max(rooms, Math.floor((rooms * BEAT_LOAD) / usage.serverBusy));
      await open(wanted - rooms);
      rooms = wanted;
    }
    const measured = await bridge.measure(1000 * BEAT_SECONDS);
    const share = shareWithin(measured.report.left, IN_TIME_MS);
    const isGood = share >= TARGET_IN_TIME;
    print(`\nBeat: ${rooms} rooms of 6 with 2 talkers, ${BEAT_SECONDS} s; ${describe(measured)}`);
    print(`  ${lateness(measured)}`);
    print(`  in time (${IN_TIME_MS} ms) ${percent(share, 3)} (to reach: 99.9 %; ${verdict(isGood)})`);
    return isGood;
  } finally {
    await bridge.stop();
  }
}

function describe({ usage, report, load }: Measured): string {
  const each = (count: number) => (count / report.beats).toFixed(2);
  return (
    `core busy ${formatPercent(usage.serverBusy)}, load core ${formatPercent(usage.loadBusy)}; a beat: ` +
    `${each(report.decodes)} decodes, ${each(report.encodes)} encodes, ${each(report.undecoded)} undecoded, ` +
    `${each(load.received)} packets heard`
  );
}

function lateness({ report }: Measured): string {
  const shares = [0.5, 0.99, 0.999, 1].map(
    (share) => `${quantile(report.begun, share)}/${quantile(report.left, share)}`,
  );
  return `begun/left late by p50 ${shares[0]}, p99 ${shares[1]}, p99.9 ${shares[2]}, most ${shares[3]} ms`;
}

/** Upper edge of the counter that holds the share. */
function quantile(counts: readonly number[], share: number): string {
  let rest = Math.ceil(counts.reduce((sum, count) => sum + count, 0) * share);
  for (const [step, count] of counts.entries()) {
    rest -= count;
    if (rest <= 0)
      return step === counts.length - 1 ? `>${step * LATENESS_STEP_MS}` : `${(step + 1) * LATENESS_STEP_MS}`;
  }
  return '?';
}

function shareWithin(counts: readonly number[], limitMs: number): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const within = counts
    .slice(0, Math.round(limitMs / LATENESS_STEP_MS))
    .reduce((sum, count) => sum + count, 0);
  return within / all;
}

function percent(share: number, digits: number): string {
  return `${(100 * share).toFixed(digits)} %`;
}

function verdict(isMet: boolean): string {
  return isMet ? 'reached' : 'MISSED';
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
