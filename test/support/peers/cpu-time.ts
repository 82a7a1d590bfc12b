// CPU seconds of a program with all its threads and children, from /proc.
import { readdirSync, readFileSync } from 'node:fs';

// Linux counts in ticks of USER_HZ, which is 100 on every architecture that Node runs on.
const TICKS_PER_SECOND = 100;

/** User and system time so far of the process and all its living descendants, in seconds. */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const id of withDescendants(pid)) ticks += ticksOf(id);
  return ticks / TICKS_PER_SECOND;
}

/** Resident memory of the process and all its living descendants, in bytes. */
export function residentBytes(pid: number): number {
  let kilobytes = 0;
  for (const id of withDescendants(pid)) {
    kilobytes += Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${id}/status`))?.[1] ?? 0);
  }
  return kilobytes * 1024;
}

function withDescendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (let i = 0; i < found.length; i += 1) found.push(...(children.get(found[i] ?? -1) ?? []));
  return found;
}

function ticksOf(pid: number): number {
  const fields = statFields(pid);
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** Fields of /proc/PID/stat from the third (state) on: the second, the name, may hold spaces. */
function statFields(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended between our look at the folder and this one.
    return '';
  }
}
