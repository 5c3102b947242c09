import { LOGIN_HEADER } from "@synod/api";

/** As much of a request as a line shows. */
interface ShownRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Whatever it is: it is not shown. */
  readonly login?: string;
}

/** The same request for a shell. @param origin such as `http://localhost:8000` */
export function curlLine(origin: string, { method, path, body, login }: ShownRequest): string {
  const words = ["curl -s", method === "GET" ? [] : `-X ${method}`, quoted(origin + path)].flat();
  if (login !== undefined) words.push(`-H "${LOGIN_HEADER}: $TOKEN"`);
  if (body !== undefined) words.push("-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(body))}`);
  return words.join(" ");
}

/** Text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
