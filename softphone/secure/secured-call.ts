// What a secured call has besides sound: chat, data channels, and the end of its path.
import type { Runtime } from '../../core/index.ts';
import type { MessageChannel } from '../files/types.ts';
import type { SoundAddresses } from '../quality-publisher.ts';
import { CHAT_LABEL, Chat } from './chat.ts';
import type { LinkChannel, SecureLink } from './secure-link.ts';
import type { SecuredFacts } from './secure-peer.ts';

export interface SecuredCallHandlers {
  handleLine(text: string): void;
  handleChannel(channel: MessageChannel): void;
  handleConnected(): void;
  handleFailure(reason: string): void;
}

/** Owned by its call; the link is closed with the call's sound. */
export class SecuredCall {
  readonly #link: SecureLink;
  readonly #now: () => number;
  readonly #handlers: SecuredCallHandlers;
  #chat: Chat | undefined;
  /** Of how many changes of the link the chat's channel knows. */
  #chatOf = 0;

  constructor(runtime: Runtime, link: SecureLink, handlers: SecuredCallHandlers) {
    this.#link = link;
    this.#now = () => runtime.clock.now();
    this.#handlers = handlers;
    for (const channel of link.channels) this.#take(channel);
    link.onChannel = (channel) => this.#take(channel);
    link.onConnected = () => handlers.handleConnected();
    link.onFailure = (reason) => handlers.handleFailure(reason);
  }

  get facts(): SecuredFacts {
    return this.#link.facts;
  }

  /** Undefined before a path is found. */
  get addresses(): SoundAddresses | undefined {
    const { selected } = this.#link.facts;
    return selected && { local: selected.local, remote: selected.remote };
  }

  sendChat(text: string): boolean {
    return this.#chat?.send(text) ?? false;
  }

  #take(channel: LinkChannel): void {
    if (channel.label !== CHAT_LABEL) return this.#handlers.handleChannel(channel);
    const { changes } = this.#link.facts;
    if (!this.#chat) {
      this.#chat = new Chat(channel, this.#now);
      this.#chat.onLine = (text) => this.#handlers.handleLine(text);
      void this.#beginWith(this.#chat, channel);
    } else if (changes === this.#chatOf) {
      // One is enough for everybody.
      return channel.close();
    } else {
      void this.#goOn(this.#chat, channel);
    }
    this.#chatOf = changes;
  }

  /** What is typed before its channel opens is said as soon as it does. */
  async #beginWith(chat: Chat, channel: LinkChannel): Promise<void> {
    if (channel.isOpen) return;
    if (await channel.opened) chat.goOn(channel, Number.NEGATIVE_INFINITY);
  }

  /** The association of the chat broke, and this one has taken its place. */
  async #goOn(chat: Chat, channel: LinkChannel): Promise<void> {
    const { heardAt } = this.#link;
    if (await channel.opened) chat.goOn(channel, heardAt);
  }
}
