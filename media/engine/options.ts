// What a media engine is made with.
import type { OpusEngine } from '../codec/index.ts';
import type { RecordingFiles } from '../recording/index.ts';
import type { FileReader } from '../tone/index.ts';
import type { PortRange } from './port-allocator.ts';

/** RTP ports by default: those that phone people expect. */
export const DEFAULT_PORT_RANGE: PortRange = { first: 10_000, last: 20_000 };
/** A call without any RTP and RTCP ends after so long. */
export const DEFAULT_INACTIVITY_MS = 60_000;

export interface MediaEngineOptions {
  readonly ports?: PortRange;
  readonly inactivityMs?: number;
  /** Who decodes and encodes Opus; the first of {@link opusEngines} where not given. */
  readonly opusEngine?: OpusEngine;
}

/** What cannot cross to a worker. */
export interface InlineMediaEngineOptions extends MediaEngineOptions {
  /** Where played files come from; the disk where not given. */
  readonly files?: FileReader;
  /** Where recordings go; the disk where not given. */
  readonly recordingFiles?: RecordingFiles;
}
