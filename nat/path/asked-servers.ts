// Which servers a path asked, and which of them have said anything.
import { type Endpoint, formatEndpoint } from '../../core/index.ts';

export class AskedServers {
  /** By URI; as many as the options name. */
  readonly #isAnswering = new Map<string, boolean>();
  readonly #urisByPlace = new Map<string, string>();

  /** URIs of those that have not answered, as far as they were asked. */
  get silent(): readonly string[] {
    return [...this.#isAnswering].flatMap(([uri, isAnswering]) => (isAnswering ? [] : [uri]));
  }

  noteAsked(uri: string): void {
    if (!this.#isAnswering.has(uri)) this.#isAnswering.set(uri, false);
  }

  /** Its name leads there. */
  notePlace(uri: string, place: Endpoint): void {
    this.#urisByPlace.set(formatEndpoint(place), uri);
  }

  noteAnswer(uri: string): void {
    if (this.#isAnswering.get(uri) === false) this.#isAnswering.set(uri, true);
  }

  noteAnswerFrom(place: Endpoint): void {
    const uri = this.#urisByPlace.get(formatEndpoint(place));
    if (uri !== undefined) this.noteAnswer(uri);
  }
}
