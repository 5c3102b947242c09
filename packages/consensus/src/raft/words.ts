import type { Configuration } from "./configuration.js";
import type {
  AppendEntries,
  Appended,
  InstallSnapshot,
  RaftEntry,
  RaftOperatorMessage,
  RaftPeerMessage,
  RequestVote,
  SnapshotTaken,
  Vote,
  VoteRefusal,
} from "./messages.js";
import type { RaftWrite } from "./raft-state.js";

/** What servers of Raft say to each other and write, in words: for traces, stories and people. */

type Say = (value: string) => string;

const REFUSALS: Readonly<Record<VoteRefusal, string>> = {
  "old-term": "that term is over",
  voted: "I have voted for another",
  "log-behind": "your log lacks what mine has",
  "hears-leader": "there is a leader",
};

/** @param say puts a value of the log into words; absent: as it is */
export function raftMessageInWords(
  message: RaftPeerMessage | RaftOperatorMessage,
  say: Say = (value) => value,
): string {
  switch (message.type) {
    case "request-vote":
      return requestVoteInWords(message);
    case "vote":
      return voteInWords(message);
    case "append-entries":
      return appendEntriesInWords(message, say);
    case "appended":
      return appendedInWords(message);
    case "install-snapshot":
      return installSnapshotInWords(message);
    case "snapshot-taken":
      return snapshotTakenInWords(message);
    case "timeout-now":
      return `stand now, I hand over (term ${message.term})`;
    case "timeout-now-heard":
      return `I was told to stand, and am in term ${message.term}`;
    case "transfer-leadership":
      return `hand the lead over to ${message.to}`;
    case "change-membership":
      return `${message.change} ${message.server}`;
    case "operator-answer":
      return `${message.outcome}${message.leader === null ? "" : `, ${message.leader} leads`}`;
  }
}

export function raftWriteInWords(write: RaftWrite, say: Say = (value) => value): string {
  switch (write.kind) {
    case "term":
      return write.votedFor === null ? `term ${write.term}` : `term ${write.term}, vote for ${write.votedFor}`;
    case "entries":
      return write.entries.length === 0
        ? `nothing from ${write.from} on`
        : `${entriesInWords(write.from, write.entries, say)}`;
    case "snapshot":
      return `a snapshot through ${write.snapshot.lastIndex} (term ${write.snapshot.lastTerm})`;
  }
}

function requestVoteInWords({ term, candidate, lastIndex, lastTerm, preVote, transfer }: RequestVote): string {
  const log = `my log ends with ${placeInWords(lastIndex, lastTerm)}`;
  if (preVote) return `would you vote for ${candidate} in term ${term}? ${log}`;
  return `vote for ${candidate} in term ${term}${transfer ? ", the leader told it to stand" : ""}; ${log}`;
}

function voteInWords({ term, preVote, refusal }: Vote): string {
  if (refusal === null) return preVote ? `I would vote for you in term ${term}` : `you have my vote in term ${term}`;
  return `no ${preVote ? "pre-vote" : "vote"}: ${REFUSALS[refusal]} (term ${term})`;
}

function appendEntriesInWords(message: AppendEntries, say: Say): string {
  const { term, leader, previousIndex, previousTerm, entries, commitIndex, sequence } = message;
  const told = `${commitIndex} is committed${sequenceInWords(sequence)}`;
  const after = `after ${placeInWords(previousIndex, previousTerm)}`;
  if (entries.length === 0) return `${leader} leads in term ${term}, ${after}; ${told}`;
  return `append in term ${term} ${after} ${entriesInWords(previousIndex + 1, entries, say)}; ${told}`;
}

function appendedInWords({ term, matchIndex, previousIndex, conflict, sequence }: Appended): string {
  const during = ` (term ${term})${sequenceInWords(sequence)}`;
  if (matchIndex !== null) return `my log is yours through ${matchIndex}${during}`;
  if (conflict === null) return `your term is over${during}`;
  const { term: own, index } = conflict;
  if (own === null) return `I have nothing at ${previousIndex}, my log ends before ${index}${during}`;
  return `at ${previousIndex} I have one of term ${own}, from ${index} on${during}`;
}

function installSnapshotInWords({ term, lastIndex, lastTerm, piece, pieces }: InstallSnapshot): string {
  return `piece ${piece + 1} of ${pieces} of my snapshot through ${placeInWords(lastIndex, lastTerm)}, in term ${term}`;
}

function snapshotTakenInWords({ term, lastIndex, nextPiece }: SnapshotTaken): string {
  return `of the snapshot through ${lastIndex} I have ${nextPiece} pieces (term ${term})`;
}

function entriesInWords(from: number, entries: readonly RaftEntry[], say: Say): string {
  const one = ({ term, value, configuration }: RaftEntry, place: number) =>
    `${from + place}: ${configuration ? configurationInWords(configuration) : say(value)} (term ${term})`;
  return entries.map(one).join(", ");
}

function configurationInWords({ voters, nonVoters }: Configuration): string {
  return `members ${voters.join("+")}${nonVoters.length === 0 ? "" : `, and ${nonVoters.join("+")} without a vote`}`;
}

function placeInWords(index: number, term: number): string {
  return index === 0 ? "nothing" : `${index} (term ${term})`;
}

function sequenceInWords(sequence: number): string {
  return sequence === 0 ? "" : `, question ${sequence}`;
}
