// Where recordings go: the one thing of them that touches the machine, handed in.

/** Makes the files of recordings. Whatever rejects does so with the system's error and its code. */
export interface RecordingFiles {
  /** Makes a file that must not be there yet, for nobody but us to read. */
  create(path: string): Promise<RecordingFile>;
}

/** A file that is open for writing. Calls may overlap; whoever opened it closes it. */
export interface RecordingFile {
  /** Writes all bytes at `position`. What lies before it and was never written reads as zeros. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}
