import { useId } from "preact/hooks";
import { whyNot } from "../../state/chat/caller.js";
import type { Room } from "../../state/chat/room.js";
import { Pager } from "../pager.js";
import { ScrollBox } from "../scroll-box.js";
import { Person } from "./person.js";

/** Finds people by their names, a page at a time. */
export function PeopleSearch({ room }: { readonly room: Room }) {
  const { people } = room;
  const hint = useId();
  const write = (name: string) => {
    room.openWith(name);
    void people.type("");
  };
  return (
    <search aria-label="People" class="people">
      <label class="field">
        <span>Find people</span>
        <input
          type="search"
          value={people.typed.value}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder="a name, or a*"
          aria-describedby={hint}
          onInput={({ currentTarget }) => void people.type(currentTarget.value)}
          onKeyDown={({ key }) => {
            if (key === "Enter" && people.meant !== null) write(people.meant);
          }}
        />
      </label>
      <p class="unseen" id={hint}>
        A part of a name, or a pattern: * any characters, ? one or more.
      </p>
      {people.typed.value.trim() === "" ? null : <Found room={room} onChosen={write} />}
    </search>
  );
}

function Found({ room, onChosen }: { readonly room: Room; readonly onChosen: (name: string) => void }) {
  const { people } = room;
  const page = people.page.value;
  if (page === null) return <p class="quiet">Searching …</p>;
  const { outcome, begins, pattern } = page;
  if (outcome.kind !== "answered") {
    return <p class="quiet">{whyNot(outcome)}</p>;
  }
  const { users, next } = outcome.body;
  const names = `${users.length}${next === null && begins.length === 1 ? "" : " on this page"}`;
  return (
    <>
      <p class="quiet" role="status">
        {users.length === 0 ? "Nobody" : names} for <code>{pattern}</code>
      </p>
      <ScrollBox label="People found">
        <ul class="talks">
          {users.map((name) => (
            <li key={name}>
              <button type="button" onClick={() => onChosen(name)}>
                <Person name={name} />
                <b>{name}</b>
                {name === room.user ? <span class="quiet">you</span> : null}
              </button>
            </li>
          ))}
        </ul>
      </ScrollBox>
      <Pager
        hasPrevious={begins.length > 1}
        hasNext={next !== null}
        onPrevious={() => void people.previous()}
        onNext={() => void people.next()}
      >
        page {begins.length}
      </Pager>
    </>
  );
}
