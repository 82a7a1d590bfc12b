// What the transfer of a file stands on: a reliable channel, the file that is sent, and where files are received.

/**
 * Messages whole and in order, as a data channel has them (RFC 8831). Whoever opened it closes it; `onClosed` comes
 * once, whoever closed.
 */
export interface MessageChannel {
  readonly label: string;
  /** Largest message that the far end takes. */
  readonly maxMessageBytes: number;
  /** Given to {@link MessageChannel.send} and not yet on its way. */
  readonly bufferedBytes: number;
  /** The bytes may be reused after the call. Dropped where the channel is closed. */
  send(message: string | Uint8Array): void;
  /** Bytes belong to the receiver of the call. */
  onMessage: ((message: string | Uint8Array) => void) | undefined;
  /** The buffer ran low: more may be sent. */
  onLow: (() => void) | undefined;
  onClosed: (() => void) | undefined;
  close(): void;
}

/** What the sender tells of a file before any of it is sent. */
export interface FileOffer {
  /** As the sender has it: whatever is stored under it goes through `safeFileName`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Wall clock, whole milliseconds. */
  readonly modifiedMs: number;
}

/** A prefix of a file, known by its hash. */
export interface Mark {
  /** Length of the prefix. */
  readonly offsetBytes: number;
  /** Lower-case hexadecimal SHA-256 of it. */
  readonly sha256: string;
}

/** A file that is read once, front to back, and hashed on the way. Whoever opened it closes it. */
export interface OutgoingFile extends FileOffer {
  /** Reads up to the marks. @returns the largest whose hash is ours, and reading goes on from there; 0 where none is */
  check(marks: readonly Mark[]): Promise<number>;
  /** The next bytes: as many as asked for, but at the end. The buffer is reused by the next call. */
  read(lengthBytes: number): Promise<Uint8Array>;
  /** SHA-256 of all that was read, or undefined where the file is not the one that was opened any more. */
  digest(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Why a file is not taken, in a word for programs and a sentence for people. */
export interface Refusal {
  readonly reason: FailureReason;
  readonly text: string;
}

/** Where files are received. */
export interface Inbox {
  /** @param from - who sends: nobody goes on with what another has begun */
  open(offer: FileOffer, from: string): Promise<IncomingFile | Refusal>;
}

/** A file that is being received. One of `finish`, `keep` and `discard` ends it. */
export interface IncomingFile {
  /** Prefixes that an earlier try has left, shortest first; none for a new file. */
  readonly marks: readonly Mark[];
  /** Another transfer of the same file by the same sender takes its place. */
  onSuperseded: (() => void) | undefined;
  /** Keeps so much of what there is, 0 or the offset of a mark, and writes on from there. */
  begin(offsetBytes: number): Promise<void>;
  /** In order. The bytes are not changed until it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Gives it its name where the hash is right. @returns the name, or undefined where it is not right: it is discarded */
  finish(sha256: string): Promise<string | undefined>;
  /** Leaves what there is, to go on with it later. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

export const FAILURE_REASONS = [
  'tooLarge',
  'noSpace',
  'badName',
  'busy',
  'notWanted',
  'changed',
  'mismatch',
  'readFailed',
  'writeFailed',
  'cancelled',
  'superseded',
  'protocol',
  'stalled',
  'broken',
] as const;

/**
 * Why a file did not arrive: `stalled` and `broken` are faults of the path, after which it is worth to try again and go
 * on; `changed`: it was written to while it was read; `mismatch`: the whole has another SHA-256 than what was sent.
 */
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** What became of a transfer. */
export type TransferOutcome =
  | {
      readonly kind: 'done';
      /** Under which the receiver has it. */
      readonly name: string;
      readonly sha256: string;
    }
  | ({ readonly kind: 'failed' } & Refusal);

/** How far a transfer has come. */
export interface TransferProgress {
  /** Written by the receiver, what it had before included. */
  readonly doneBytes: number;
  /** With how much this try began. */
  readonly resumedBytes: number;
  readonly sizeBytes: number;
}
