/** The ways out of Wangge, and what has left through them. For administrators. */
import { ask } from "./http";
import type { Channel, ChannelChanges, ChannelTest, NewChannel, OutboxMessage, OutboxPage, OutboxState } from "./types";

export async function allChannels(): Promise<Channel[]> {
  return (await ask("get", "/api/v1/channels")).items;
}

export function createChannel(channel: NewChannel): Promise<Channel> {
  return ask("post", "/api/v1/channels", { body: channel });
}

export function changeChannel(id: number, changes: ChannelChanges): Promise<Channel> {
  return ask("patch", "/api/v1/channels/{id}", { path: { id }, body: changes });
}

/** What still waits for it is given up. */
export function removeChannel(id: number): Promise<void> {
  return ask("delete", "/api/v1/channels/{id}", { path: { id } });
}

/** Sends a message at once; an SMS to one's own telephone. */
export function tryChannel(id: number): Promise<ChannelTest> {
  return ask("post", "/api/v1/channels/{id}/test", { path: { id } });
}

/** Newest first. */
export function outboxPage(state: OutboxState | null, cursor: string | null): Promise<OutboxPage> {
  return ask("get", "/api/v1/outbox", { query: { state, cursor, limit: 100 } });
}

/** From now on, and for as long as a new one. */
export function retryMessage(id: number): Promise<OutboxMessage> {
  return ask("post", "/api/v1/outbox/{id}/retry", { path: { id } });
}
