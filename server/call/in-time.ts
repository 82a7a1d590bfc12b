// How long a party waits for the other one's answer to what it offers.
import { type Runtime, sleep } from '../../core/index.ts';

/**
 * Long enough for six copies of a request, the last after 15.5 s (RFC 3261 §17.1.1.2); short enough that who offered by
 * UPDATE is answered before its own 32 s are over (timer F).
 */
const PATIENCE_MS = 20_000;

/** @returns undefined where there is no answer yet, which the offering party is not to wait for any longer */
export async function inTime<Answer>(
  runtime: Runtime,
  answering: Promise<Answer>,
): Promise<Answer | undefined> {
  const isAnswered = new AbortController();
  const patience = sleep(runtime, PATIENCE_MS, isAnswered.signal).then(() => undefined);
  return Promise.race([answering, patience]).finally(() => isAnswered.abort());
}
