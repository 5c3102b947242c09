import { isUserName, USER_NAME_RULE } from "@synod/state-machines";

const LEAST_PASSWORD = 8;
const MOST_PASSWORD = 1000;

/** Why nobody can be called so; null if somebody can. */
export function nameComplaint(name: string): string | null {
  if (isUserName(name)) return null;
  return /[A-Z]/.test(name) ? "small letters alone, please" : `a name is ${USER_NAME_RULE}`;
}

/** Why this is no password for an account; null if it can be one. */
export function passwordComplaint(password: string): string | null {
  if (password.length < LEAST_PASSWORD) return `${LEAST_PASSWORD} characters or more`;
  return password.length > MOST_PASSWORD ? `${MOST_PASSWORD} characters or fewer` : null;
}
