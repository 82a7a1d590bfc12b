// Finds what belongs to a recording: its sound and its time line, from either of them or their folder.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { codeOf, DecodeError, messageOf, UsageError } from '../../core/index.ts';
import { parseTimeline, type Timeline } from '../../media/index.ts';

const EXTENSION = '.jsonl';

export interface RecordedFiles {
  /** WAV or Ogg Opus. */
  readonly soundPath: string;
  /** Null where there is none: any sound can be replayed. */
  readonly timelinePath: string | null;
  readonly timeline: Timeline | null;
}

/**
 * @param path - of a sound, of a time line, or of a folder: then its last recording
 * @throws UsageError that names what is wrong with it
 */
export async function findRecording(path: string): Promise<RecordedFiles> {
  const kind = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' && extname(path) === '') {
      throw new UsageError(`${path} does not exist: ${NOTHING_RECORDED}`);
    }
    throw new UsageError(
      `${path} cannot be read (${messageOf(error)}); name a recording, or the folder of one`,
    );
  });
  if (kind.isDirectory()) return ofTimeline(await lastTimelineIn(path));
  if (path.endsWith(EXTENSION)) return ofTimeline(path);
  return ofSound(path);
}

const NOTHING_RECORDED =
  'nothing was recorded there yet; "patchcord serve --record-calls always" records every call, and "onDemand" from *1 on';

async function lastTimelineIn(folder: string): Promise<string> {
  // Names begin with the time.
  const last = (await timelinesIn(folder)).at(-1);
  if (last !== undefined) return join(folder, last);
  throw new UsageError(
    `${folder} has no time line (*${EXTENSION}) of a recording in it: ${NOTHING_RECORDED}; or name a file of sound`,
  );
}

async function timelinesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(EXTENSION)).toSorted();
}

async function ofTimeline(timelinePath: string): Promise<RecordedFiles> {
  const timeline = parseTimeline(await readFile(timelinePath));
  if (timeline instanceof DecodeError) throw new UsageError(`${timelinePath}: ${timeline.toString()}`);
  return { soundPath: join(dirname(timelinePath), timeline.start.mix), timelinePath, timeline };
}

/** Names of all files of a recording begin alike; the time line says which they are. */
async function ofSound(soundPath: string): Promise<RecordedFiles> {
  const [folder, name] = [dirname(soundPath), basename(soundPath)];
  const names = await timelinesIn(folder).catch(() => []);
  for (const candidate of names.filter((other) => name.startsWith(other.slice(0, -EXTENSION.length)))) {
    const timelinePath = join(folder, candidate);
    const timeline = parseTimeline(await readFile(timelinePath));
    if (!(timeline instanceof DecodeError) && hasFile(timeline, name)) {
      return { soundPath, timelinePath, timeline };
    }
  }
  return { soundPath, timelinePath: null, timeline: null };
}

function hasFile({ start, events }: Timeline, name: string): boolean {
  return start.mix === name || events.some((event) => event.type === 'joined' && event.file === name);
}
