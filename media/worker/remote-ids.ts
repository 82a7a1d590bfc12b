// Numbers here of what has numbers of its own in each worker: legs, and rooms.
import type { MediaWorker } from './media-worker.ts';

export interface Remote {
  readonly worker: MediaWorker;
  /** Its number in its worker. */
  readonly remoteId: number;
}

export class RemoteIds {
  readonly #remotes = new Map<number, Remote>();
  readonly #ids = new Map<MediaWorker, Map<number, number>>();
  #lastId = 0;

  get(id: number): Remote | undefined {
    return this.#remotes.get(id);
  }

  /** @returns its number here */
  add(worker: MediaWorker, remoteId: number): number {
    this.#lastId += 1;
    this.#remotes.set(this.#lastId, { worker, remoteId });
    this.#idsOf(worker).set(remoteId, this.#lastId);
    return this.#lastId;
  }

  delete(id: number): void {
    const remote = this.#remotes.get(id);
    this.#remotes.delete(id);
    if (remote) this.#ids.get(remote.worker)?.delete(remote.remoteId);
  }

  idOf(worker: MediaWorker, remoteId: number): number | undefined {
    return this.#ids.get(worker)?.get(remoteId);
  }

  /** All that are in a worker, by their numbers here. */
  idsIn(worker: MediaWorker): readonly number[] {
    return [...this.#idsOf(worker).values()];
  }

  clear(): void {
    this.#remotes.clear();
    this.#ids.clear();
  }

  #idsOf(worker: MediaWorker): Map<number, number> {
    const known = this.#ids.get(worker) ?? new Map<number, number>();
    this.#ids.set(worker, known);
    return known;
  }
}
