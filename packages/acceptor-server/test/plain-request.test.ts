import { describe, expect, test } from "vitest";
import { PlainRequestReader } from "../src/node/short-way/plain-request.ts";

const read = (bytes: string | Buffer) =>
  new PlainRequestReader().read(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);

const get = (more = "", first = "GET /kv/a HTTP/1.1") => `${first}\r\nhost: localhost\r\n${more}\r\n`;
const JSON_TYPE = "content-type: application/json\r\n";
const BODY = '{"value":"1"}';
const put = (body = BODY, more = JSON_TYPE, length: number | string = Buffer.byteLength(body, "latin1")) =>
  `PUT /kv/a HTTP/1.1\r\nhost: localhost\r\n${more}content-length: ${length}\r\n\r\n${body}`;

describe("a plain request is read as it was sent", () => {
  test("a read, with its query and authorization", () => {
    expect(read(get("authorization: Bearer se-cret\r\n", "GET /kv/a:b/-._~?consistency=strong HTTP/1.1"))).toEqual({
      method: "GET",
      url: "/kv/a:b/-._~?consistency=strong",
      path: "/kv/a:b/-._~",
      query: "consistency=strong",
      body: undefined,
      authorization: "Bearer se-cret",
      namesThisMachine: true,
    });
  });

  test.each([
    ["a write", put(), { value: "1" }],
    [
      "one of many members",
      put('{"value":"","a":1,"b":true,"c":null,"value":"2"}'),
      { value: "2", a: 1, b: true, c: null },
    ],
    ["one in words of UTF-8", Buffer.from(put('{"value":"\u00c3\u00a9"}'), "latin1"), { value: "\u00e9" }],
    ["one with zeros before its length", put(BODY, JSON_TYPE, "00013"), { value: "1" }],
    ["one that names the encoding", put(BODY, "content-type: application/json; charset=utf-8\r\n"), { value: "1" }],
  ])("%s", (_what, bytes, body) => {
    expect(read(bytes)).toMatchObject({ method: "PUT", path: "/kv/a", query: "", body });
  });

  test("whatever a client says of itself and of what it takes", () => {
    const more = "User-Agent: wrk (x; y)\r\naccept: */*\r\nAccept-Encoding: gzip, br\r\naccept-language: \r\n";
    expect(read(get(`${more}Connection: Keep-Alive\r\n`))).toMatchObject({ path: "/kv/a" });
  });

  test("and one after another on a connection, each for itself", () => {
    const reader = new PlainRequestReader();
    for (const secret of ["one", "one", "two"]) {
      const bytes = Buffer.from(get(`authorization: ${secret}\r\n`));
      expect(reader.read(bytes)).toMatchObject({ authorization: secret });
    }
    expect(reader.read(Buffer.from(get("range: x\r\n")))).toBeNull();
    expect(reader.read(Buffer.from(get()))).toMatchObject({ authorization: undefined });
  });
});

describe("for Node to read is", () => {
  test.each([
    ["nothing", ""],
    ["noise", "\x00\x01\r\n\r\n"],
    ["half a line", "GET /kv/a HT"],
    ["a head without end", get().slice(0, -2)],
    ["a head whose end is half there", get().slice(0, -1)],
    ["a body without end", put().slice(0, -1)],
    ["a head whose body comes later", put().slice(0, -BODY.length)],
    ["more than one request", get() + get()],
    ["one byte too many", `${put()} `],
    ["an empty line in front", `\r\n${get()}`],
    ["a line that ends otherwise", get().replaceAll("\r\n", "\n")],
    ["a line that ends otherwise inside", get("accept: a\nrange: b\r\n")],
    ["a lone carriage return", get("accept: a\rrange: b\r\n")],
    ["HTTP/1.0", get("", "GET /kv/a HTTP/1.0")],
    ["a version in small letters", get("", "GET /kv/a http/1.1")],
    ["another method", get("", "DELETE /kv/a HTTP/1.1")],
    ["a method in small letters", get("", "get /kv/a HTTP/1.1")],
    ["a whole URL", get("", "GET http://x/kv/a HTTP/1.1")],
    ["a path with a percent sign", get("", "GET /kv/%61 HTTP/1.1")],
    ["a query with a plus", get("", "GET /kv/a?token=+1 HTTP/1.1")],
    ["a query in a query", get("", "GET /kv/a?b?c HTTP/1.1")],
    ["a fragment", get("", "GET /kv/a#b HTTP/1.1")],
    ["a path with a semicolon", get("", "GET /kv/a;b HTTP/1.1")],
    ["a path that is no ASCII", get("", "GET /kv/\xe9 HTTP/1.1")],
    ["two spaces", get("", "GET  /kv/a HTTP/1.1")],
    ["no host", "GET /kv/a HTTP/1.1\r\naccept: x\r\n\r\n"],
    ["no header at all", "GET /kv/a HTTP/1.1\r\n\r\n"],
    ["two hosts", get("host: y\r\n")],
    ["an empty host", "GET /kv/a HTTP/1.1\r\nhost: \r\n\r\n"],
    ["a host with a space behind it", "GET /kv/a HTTP/1.1\r\nhost: x \r\n\r\n"],
    ["a space before a colon", get("accept : x\r\n")],
    ["no space behind a colon", get("accept:x\r\n")],
    ["a header that goes on in the next line", get("accept: x\r\n y\r\n")],
    ["a header twice", get("accept: x\r\naccept: y\r\n")],
    ["an authorization twice", get("authorization: a\r\nAuthorization: b\r\n")],
    ["a header with a tab", get("accept: \tx\r\n")],
    ["a header that is no ASCII", get("accept: \xe9\r\n")],
    ["a header that nobody knows", get("x-more: 1\r\n")],
    ["a header with the name of what every object has", get("constructor: x\r\n")],
    ["the end of the connection", get("connection: close\r\n")],
    ["another protocol", get("connection: upgrade\r\nupgrade: h2c\r\n")],
    ["an expectation", put(BODY, `${JSON_TYPE}expect: 100-continue\r\n`)],
    ["chunks", get("transfer-encoding: chunked\r\n")],
    ["chunks and a length", put(BODY, `${JSON_TYPE}transfer-encoding: chunked\r\n`)],
    ["two lengths", put(BODY, `${JSON_TYPE}content-length: 13\r\n`)],
    ["a length with a sign", put(BODY, JSON_TYPE, "+13")],
    ["a length in hexadecimal digits", put(BODY, JSON_TYPE, "0xd")],
    ["a length and another one", put(BODY, JSON_TYPE, "13, 13")],
    ["a length that is too short", put(BODY, JSON_TYPE, 12)],
    ["a write without a length", `PUT /kv/a HTTP/1.1\r\nhost: localhost\r\n${JSON_TYPE}\r\n`],
    ["a write without a body", put("")],
    ["a write that does not say it is JSON", put(BODY, "")],
    ["a write of something else", put(BODY, "content-type: text/plain\r\n")],
    ["a write in another encoding", put(BODY, "content-type: application/json; charset=latin1\r\n")],
    ["a read with a body", `${get("content-length: 1\r\n")}x`],
    ["a read with an empty body", get("content-length: 0\r\n")],
    ["a body that is no JSON", put("{value}")],
    ["a body that is no object", put("null")],
    ["a body that is a list", put("[]")],
    ["a body with an object in it", put('{"value":"1","session":{"client":"c"}}')],
    ["a body with what every object has", put('{"__proto__":1}')],
    ["a body with that in other words", put('{"\\u005f_proto__":1}')],
    ["a body that is no UTF-8", put('{"value":"\xe9"}')],
    ["a body with a byte order mark", put("\xef\xbb\xbf{}")],
    ["fields that are many", get(`user-agent: ${"x".repeat(1024)}\r\n`)],
    ["what is long", put(JSON.stringify({ value: "x".repeat(16 * 1024) }))],
    // A connection to a node that comes from another one.
    ["a message of a node", get("synod-from: b\r\n")],
    ["a message to another cluster", get("synod-cluster: other\r\n")],
  ])("%s", (_what, bytes) => {
    expect(read(bytes)).toBeNull();
  });
});
