/** The same request for a shell. @param origin such as `http://localhost:8000` */
export function curlLine(origin: string, method: string, path: string, body: unknown): string {
  const words = ["curl -s", method === "GET" ? [] : `-X ${method}`, quoted(origin + path)].flat();
  if (body !== undefined) words.push("-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(body))}`);
  return words.join(" ");
}

/** Text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
