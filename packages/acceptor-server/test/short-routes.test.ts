import { describe, expect, test } from "vitest";
import type { PlainRequest } from "../src/node/short-way/plain-request.ts";
import { type ShortRoute, ShortRoutes } from "../src/node/short-way/short-routes.ts";

const route = (method: ShortRoute["method"], url: string): ShortRoute => ({
  method,
  url,
  admission: { entersAtOnce: () => true, lineUp: () => {}, leave: () => {} },
  answer: () => null,
});

const request = (method: PlainRequest["method"], path: string): PlainRequest => ({
  method,
  path,
  url: path,
  query: "",
  body: undefined,
  authorization: undefined,
  namesThisMachine: true,
});

/** What is found with a short route for `GET /things/*`, and these of the app, told before it or after. */
function restOf(path: string, ofApp: readonly (readonly [string, string])[], isToldBefore: boolean): string | null {
  const routes = new ShortRoutes();
  const tell = () => {
    for (const [method, url] of ofApp) routes.passOver(method, url);
  };
  if (isToldBefore) tell();
  routes.add(route("GET", "/things/*"));
  if (!isToldBefore) tell();
  return routes.find(request("GET", path))?.rest ?? null;
}

describe.each([
  ["told of them before its own", true],
  ["told of them after its own", false],
])("a short route among those of the app, %s", (_, isToldBefore) => {
  test("takes what stands in place of its star, slashes included, and nothing too", () => {
    expect(restOf("/things/a", [], isToldBefore)).toBe("a");
    expect(restOf("/things/a/b", [["GET", "/things/*"]], isToldBefore)).toBe("a/b");
    expect(restOf("/things/", [], isToldBefore)).toBe("");
    expect(restOf("/things", [], isToldBefore)).toBeNull();
    expect(restOf("/other/a", [], isToldBefore)).toBeNull();
  });

  test("leaves a path that has a route of its own to that one, and no longer path", () => {
    const ofApp = [["GET", "/things/special"]] as const;
    expect(restOf("/things/special", ofApp, isToldBefore)).toBeNull();
    expect(restOf("/things/special/a", ofApp, isToldBefore)).toBe("special/a");
    expect(restOf("/things/specials", ofApp, isToldBefore)).toBe("specials");
  });

  test("leaves what begins as a longer route with an open part does to that one", () => {
    const ofApp = [["GET", "/things/of/:owner"]] as const;
    expect(restOf("/things/of/ann", ofApp, isToldBefore)).toBeNull();
    expect(restOf("/things/of", ofApp, isToldBefore)).toBe("of");
  });

  test("leaves nothing to routes of other methods, or that say less of the path", () => {
    const ofApp = [
      ["POST", "/things/special"],
      ["GET", "/:any"],
      ["GET", "/*"],
      ["GET", "/things/:thing"],
    ] as const;
    expect(restOf("/things/special", ofApp, isToldBefore)).toBe("special");
  });
});

test("of short routes with other methods none is found", () => {
  const routes = new ShortRoutes();
  expect(routes.isEmpty).toBe(true);
  routes.add(route("PUT", "/things/*"));
  expect(routes.isEmpty).toBe(false);
  expect(routes.find(request("GET", "/things/a"))).toBeNull();
  expect(routes.find(request("PUT", "/things/a"))?.route.method).toBe("PUT");
});
