// What a secured call has besides sound: chat, data channels, and the end of its path.
import type { Runtime } from '../../core/index.ts';
import type { MessageChannel } from '../files/types.ts';
import type { SoundAddresses } from '../quality-publisher.ts';
import { CHAT_LABEL, Chat } from './chat.ts';
import type { SecuredFacts, SecurePeer } from './secure-peer.ts';

export interface SecuredCallHandlers {
  handleLine(text: string): void;
  handleChannel(channel: MessageChannel): void;
  handleConnected(): void;
  handleFailure(reason: string): void;
}

/** Owned by its call; the peer is closed with the call's sound. */
export class SecuredCall {
  readonly #peer: SecurePeer;
  readonly #now: () => number;
  readonly #handlers: SecuredCallHandlers;
  #chat: Chat | undefined;

  constructor(runtime: Runtime, peer: SecurePeer, handlers: SecuredCallHandlers) {
    this.#peer = peer;
    this.#now = () => runtime.clock.now();
    this.#handlers = handlers;
    for (const channel of peer.channels) this.#take(channel);
    peer.onChannel = (channel) => this.#take(channel);
    peer.onConnected = () => handlers.handleConnected();
    peer.onFailure = (reason) => handlers.handleFailure(reason);
  }

  get facts(): SecuredFacts {
    return this.#peer.facts;
  }

  /** Undefined before a path is found. */
  get addresses(): SoundAddresses | undefined {
    const { selected } = this.#peer.facts;
    return selected && { local: selected.local, remote: selected.remote };
  }

  sendChat(text: string): boolean {
    return this.#chat?.send(text) ?? false;
  }

  #take(channel: MessageChannel): void {
    if (channel.label !== CHAT_LABEL) return this.#handlers.handleChannel(channel);
    // One is enough for everybody.
    if (this.#chat) return channel.close();
    this.#chat = new Chat(channel, this.#now);
    this.#chat.onLine = (text) => this.#handlers.handleLine(text);
  }
}
