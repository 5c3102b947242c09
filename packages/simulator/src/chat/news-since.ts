import { type ChangeLog, type ChatChange, type ChatNews, newsFor } from "@synod/state-machines";

/** What is new for a login. */
interface NewsSince {
  /** In the order of slots, each once. */
  readonly news: readonly { readonly slot: number; readonly news: ChatNews }[];
  /** As in `ChangesSince`. */
  readonly compactedThrough: number | null;
}

/**
 * What is new for a login after a slot, among the changes that one server keeps: whoever goes on after the last slot that
 * was told, here or at another server, is told everything once and in order, or through which slot something may be gone.
 *
 * @param login whose it is (`Chat.loginOf`), as of the last of these changes: one that lives
 */
export function newsSince(
  changes: ChangeLog<ChatChange>,
  { user, createdAt }: { readonly user: string; readonly createdAt: number },
  token: string,
  after: number,
): NewsSince {
  // What was before the account was of another one.
  const since = changes.since(Math.max(after, createdAt));
  const news: { readonly slot: number; readonly news: ChatNews }[] = [];
  for (const change of since.changes) {
    const one = newsFor(change, user, token);
    // The login lives: what ended was an earlier one of the same token, which is forgotten by now.
    if (one !== null && one.type !== "logged-out") news.push({ slot: change.slot, news: one });
  }
  return { news, compactedThrough: since.compactedThrough };
}
