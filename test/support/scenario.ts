// A test in the virtual world, which tells seed and ladder where it fails.
import { test } from 'vitest';
import { Emitter, messageOf, UsageError } from '../../core/index.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

export interface ScenarioOptions extends WorldOptions {
  /** Lines of level error are bugs of ours (and lost invariants) unless the scenario is about lost service. */
  readonly allowErrorLogs?: boolean;
  /** Real time. */
  readonly timeoutMs?: number;
}

/**
 * Defines a vitest test over a fresh world. `PATCHCORD_SEED=n` replays one seed, `PATCHCORD_SEEDS=n` runs n of
 * them, from the scenario's own on.
 */
export function scenario(
  name: string,
  options: ScenarioOptions,
  play: (world: World) => Promise<void> | void,
): void {
  const seeds = seedsFor(options.seed ?? 1, process.env);
  for (const seed of seeds) {
    const title = seeds.length > 1 ? `${name} (seed ${seed})` : name;
    test(title, options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }, () =>
      playScenario({ ...options, seed }, play),
    );
  }
}

/** Plays one scenario once. Whatever it throws carries seed and ladder. */
export async function playScenario(
  options: ScenarioOptions,
  play: (world: World) => Promise<void> | void,
): Promise<void> {
  const world = createWorld(options);
  const listenerErrors: unknown[] = [];
  const { onListenerError } = Emitter;
  Emitter.onListenerError = (error) => listenerErrors.push(error);
  try {
    await play(world);
    await world.settle();
    const [first] = [...world.errors, ...listenerErrors];
    if (first !== undefined) throw first;
    if (!options.allowErrorLogs) checkLogs(world);
  } catch (error) {
    throw withLadder(error, world);
  } finally {
    Emitter.onListenerError = onListenerError;
  }
}

/** The seeds to run, by the environment. */
export function seedsFor(seed: number, environment: NodeJS.ProcessEnv): readonly number[] {
  const only = numberFrom(environment, 'PATCHCORD_SEED');
  if (only !== undefined) return [only];
  const count = numberFrom(environment, 'PATCHCORD_SEEDS') ?? 1;
  return Array.from({ length: Math.max(1, count) }, (_, i) => seed + i);
}

function numberFrom(environment: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw new UsageError(`${name} is "${text}"; give a whole number`);
  return Number(text);
}

function checkLogs(world: World): void {
  for (const host of world.hosts) {
    const line = host.logs.find(({ level }) => level === 'error');
    if (line) throw new Error(`${host.name} logged an error: ${line.phrase} ${fieldsOf(line.fields)}`);
  }
}

function fieldsOf(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(fields, (_, value: unknown) =>
    value instanceof Error ? (value.stack ?? value.message) : value,
  );
}

function withLadder(error: unknown, world: World): Error {
  const failed = error instanceof Error ? error : new Error(messageOf(error));
  if (!failed.message.includes(`seed ${world.seed}`)) {
    failed.message += `\nseed ${world.seed}: replay with PATCHCORD_SEED=${world.seed}\n${world.ladder()}`;
  }
  return failed;
}
