// A folder for the tests of one file, which is there while they run.
import { afterAll, beforeAll } from 'vitest';
import { makeTempFolder, type TempFolder } from './peers/temp-folder.ts';

/** @returns its path, within a test */
export function useTempFolder(purpose: string): () => string {
  let folder: TempFolder | undefined;
  beforeAll(() => {
    folder = makeTempFolder(purpose);
  });
  afterAll(() => folder?.remove());
  return () => {
    if (!folder) throw new Error('no test runs');
    return folder.path;
  };
}
