import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { OpenThread } from "../../state/chat/open-thread.js";
import { ScrollBox } from "../scroll-box.js";

/** How near its end a conversation counts as scrolled to it, in pixels. */
const NEAR = 60;
/** How much of a message must be in view for it to count as seen; of a long one, of the box. */
const SEEN_SHARE = 0.5;

interface TalkBoxProps {
  readonly thread: OpenThread;
  /** The number of the last message that is not sent yet. */
  readonly lastUnsent: number;
  readonly children: ComponentChildren;
}

/**
 * The messages in a box that scrolls: it stays at its end while one is there, stays where it is when older messages come
 * above, and tells the conversation which messages somebody sees.
 */
export function TalkBox({ thread, lastUnsent, children }: TalkBoxProps) {
  const box = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const [hasNewBelow, setNewBelow] = useState(false);
  const { messages } = thread.thread.value;
  const first = messages[0]?.id ?? 0;
  const last = messages.at(-1)?.id ?? 0;
  const drawn = useRef({ first, last, lastUnsent, height: 0, isLoaded: false });

  const toEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
    setNewBelow(false);
  };

  useLayoutEffect(() => {
    const { current } = box;
    if (!current) return;
    const before = drawn.current;
    const isLoaded = thread.isLoaded.value;
    drawn.current = { first, last, lastUnsent, height: current.scrollHeight, isLoaded };
    const line = current.querySelector(".new-line");
    if (isLoaded && !before.isLoaded && line instanceof HTMLElement) {
      current.scrollTop = line.offsetTop - NEAR;
      isAtEnd.current = isNearEnd(current);
      return;
    }
    const isMine = lastUnsent > before.lastUnsent;
    if (isAtEnd.current || isMine) toEnd();
    else if (first < before.first) current.scrollTop += current.scrollHeight - before.height;
    else if (last > before.last) setNewBelow(true);
  });

  useSeen(box, thread);

  return (
    <div class="talk">
      <ScrollBox
        box={box}
        label={`Messages with ${thread.peer}`}
        isBusy={!thread.isLoaded.value}
        onScroll={(scrolled) => {
          isAtEnd.current = isNearEnd(scrolled);
          if (isAtEnd.current) setNewBelow(false);
        }}
      >
        {children}
      </ScrollBox>
      {hasNewBelow ? (
        <button type="button" class="small to-end" onClick={toEnd}>
          New messages below
        </button>
      ) : null}
    </div>
  );
}

function isNearEnd({ scrollTop, clientHeight, scrollHeight }: HTMLElement): boolean {
  return scrollTop + clientHeight >= scrollHeight - NEAR;
}

/** Tells the conversation which of the unread messages are in view, as long as somebody sees the page. */
function useSeen(box: { readonly current: HTMLElement | null }, thread: OpenThread): void {
  const unread = thread.thread.value.messages.filter(({ read }) => !read).map(({ id }) => id);
  useEffect(() => {
    const { current } = box;
    if (!current || unread.length === 0) return;
    const seen = new Set<number>();
    const tell = () => thread.see(document.hidden ? new Set() : new Set(seen));
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, intersectionRatio, intersectionRect } of entries) {
          const id = Number((target as HTMLElement).dataset["id"]);
          const isSeen =
            intersectionRatio >= SEEN_SHARE || intersectionRect.height >= current.clientHeight * SEEN_SHARE;
          if (isSeen) seen.add(id);
          else seen.delete(id);
        }
        tell();
      },
      { threshold: [0, 0.25, SEEN_SHARE, 0.75, 1] },
    );
    for (const row of current.querySelectorAll("[data-unread]")) observer.observe(row);
    document.addEventListener("visibilitychange", tell);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", tell);
    };
  }, [thread, unread.join()]);
}
