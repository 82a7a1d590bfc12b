// The end of a command that may have loaded the package for secured paths: its threads keep a process alive.

/** Ends the process with this status, as soon as all that was printed is out. */
export function endWhenSaid(status: number): void {
  process.exitCode = status;
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}
