import type { Outbox } from "../core/outbox.js";
import type { NodeId } from "../core/participant.js";
import type { AppliedState } from "./applied-state.js";
import type { RaftMessage } from "./messages.js";
import type { RaftSettings } from "./options.js";
import { applyRaftWrite, type RaftState, type RaftWrite } from "./raft-state.js";

export type RaftOut = Outbox<RaftMessage, RaftWrite, string>;

/** What the roles of one server share. */
export class RaftParts {
  #marks = 0;

  constructor(
    readonly settings: RaftSettings,
    readonly state: RaftState,
    readonly applied: AppliedState,
    readonly out: RaftOut,
  ) {}

  get name(): NodeId {
    return this.settings.name;
  }

  /** Changes the state, and has that made durable. */
  write(write: RaftWrite): void {
    applyRaftWrite(this.state, write);
    this.out.write(write);
  }

  /** A mark for everything written so far: the server is told when all of it is durable. */
  mark(): number {
    this.out.mark(++this.#marks);
    return this.#marks;
  }
}
