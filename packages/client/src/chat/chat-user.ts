import { StoreError } from "../calls/store-errors.js";

/** The path of something that has a user's name at its end. @throws {StoreError} `bad-request` if there is no name */
export function pathOfUser(path: string, user: string): string {
  if (user !== "") return `${path}/${encodeURIComponent(user)}`;
  throw new StoreError("bad-request", "the name of a user is missing", true);
}
