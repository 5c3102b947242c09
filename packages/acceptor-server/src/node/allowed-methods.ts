import type { FastifyInstance } from "fastify";

/** Which methods each path takes, known as the routes are added: also of paths such as `/kv/*`. */
export class AllowedMethods {
  readonly #byUrl = new Map<string, Set<string>>();

  constructor(app: FastifyInstance) {
    app.addHook("onRoute", ({ url, method }) => {
      const known = this.#byUrl.get(url) ?? new Set<string>();
      for (const one of [method].flat()) known.add(one);
      this.#byUrl.set(url, known);
    });
  }

  /** What may be asked of this path; none where there is no route. */
  of(path: string): string[] {
    const routes = [...this.#byUrl].filter(([url]) => isMetBy(url, path));
    return [...new Set(routes.flatMap(([, methods]) => [...methods]))];
  }
}

/** Whether a path is one of this route's: a part such as `:node` stands for any one, `*` at the end for all that is left. */
function isMetBy(url: string, path: string): boolean {
  const [parts, given] = [url.split("/"), path.split("/")];
  const isOpen = parts.at(-1) === "*";
  const named = isOpen ? parts.slice(0, -1) : parts;
  const isMet = (part: string, place: number) =>
    part.startsWith(":") ? (given[place] ?? "") !== "" : part === given[place];
  return (isOpen ? given.length > named.length : given.length === named.length) && named.every(isMet);
}
