// Runs the benches named on the command line, or all of them.

/** Each prints its figures and tells whether it reached what the project promises. */
const BENCHES: Readonly<Record<string, () => Promise<boolean>>> = {
  registrations: async () => (await import('./registration-bench.ts')).benchRegistrations(),
  calls: async () => (await import('./call-bench.ts')).benchCalls(),
  relay: async () => (await import('./relay-bench.ts')).benchRelay(),
  turn: async () => (await import('./turn-bench.ts')).benchTurn(),
  conference: async () => (await import('./conference-bench.ts')).benchConference(),
  'mouth-to-ear': async () => (await import('./mouth-to-ear-bench.ts')).benchMouthToEar(),
  codec: async () => (await import('./codec-bench.ts')).benchCodec(),
  jitter: async () => (await import('./jitter-bench.ts')).benchJitter(),
  memory: async () => (await import('./memory-bench.ts')).benchMemory(),
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
  process.stderr.write(`no bench is named "${unknown}"; there are ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}

let isMet = true;
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  isMet = (await bench()) && isMet;
}
// The pools of some libraries keep a process alive; the benches are over.
process.exit(isMet ? 0 : 1);
