// A line of the log as people read it.

const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warning', 50: 'error' };

/**
 * The phrase first, then the fields, and the stack of a fault below.
 *
 * @param json - as pino writes it, one line
 */
export function plainLogLine(json: string): string {
  // Pino writes nothing else.
  const { level, time: _, msg, err, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const told = Object.entries(fields).map(([name, value]) => `${name} ${textOf(value)}`);
  const head = `${LEVELS[Number(level)] ?? 'info'}: ${textOf(msg ?? '')}`;
  const line = told.length === 0 ? head : `${head} (${told.join(', ')})`;
  const stack = stackOf(err);
  return stack === undefined ? `${line}\n` : `${line}\n${stack}\n`;
}

/** Some of it came from the network: nothing that a terminal obeys stays in it. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/\p{Cc}/gu, ' ');
}

function stackOf(err: unknown): string | undefined {
  if (typeof err !== 'object' || err === null || !('stack' in err)) return undefined;
  return String(err.stack).split('\n').map(textOf).join('\n');
}
