/** Members of requests and answers that nobody must read over somebody's shoulder. */
const CONFIDENTIAL = ["password", "new_password", "token"];

/** The same, with dots in place of passwords and of logins' tokens. A reader's token, which is a number, stays. */
export function withoutSecrets<Body>(body: Body): Body {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const hidden = CONFIDENTIAL.filter((name) => typeof (body as Record<string, unknown>)[name] === "string");
  return hidden.length === 0 ? body : { ...body, ...Object.fromEntries(hidden.map((name) => [name, "…"])) };
}
