/**
 * One of three processes of the bare data path: what a replicated store cannot do without, and nothing else. The first
 * takes puts and reads by HTTP, and sends what waits to the two others over TCP, whose addresses it is given.
 * Each writes it to its file with one fdatasync; a majority has it, and all who wait are answered. A read is answered
 * when a majority has answered since it came. It elects nobody, repeats nothing, checks nothing and recovers nothing:
 * no store, but a bound for what one can reach on this machine.
 *
 * node member.mjs FILE PORT [PORT PORT]
 */
import { fdatasync, openSync, writeSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";

const [file, port, ...others] = process.argv.slice(2);
const HOST = "127.0.0.1";
const MAJORITY = 2;
const HEAD_BYTES = 4;

let syncs = 0;
const append = appender(file, 64 * 1024 * 1024);
/** What was put, by key. */
const values = new Map();

function tellStarted() {
  process.send({ started: true });
}

/** Writes, and syncs, into zeros that are there already; from the front again at the end. */
function appender(name, size) {
  const descriptor = openSync(name, "w");
  writeSync(descriptor, Buffer.alloc(size));
  let at = 0;
  return (bytes) => {
    if (at + bytes.length > size) at = 0;
    writeSync(descriptor, bytes, 0, bytes.length, at);
    at += bytes.length;
    syncs++;
    return new Promise((resolve, reject) => fdatasync(descriptor, (error) => (error ? reject(error) : resolve())));
  };
}

/** Gives each piece that was framed, whole. */
function readFrames(socket, take) {
  let rest = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("data", (piece) => {
    let bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    while (bytes.length >= HEAD_BYTES && bytes.length >= HEAD_BYTES + bytes.readUInt32LE(0)) {
      const end = HEAD_BYTES + bytes.readUInt32LE(0);
      take(bytes.subarray(HEAD_BYTES, end));
      bytes = bytes.subarray(end);
    }
    rest = bytes;
  });
}

function framed(bytes) {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32LE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** Acknowledges each group of puts once it is on disk, and what is empty at once: one byte says which it was. */
function follow(socket) {
  let waiting = [];
  let isWriting = false;
  const write = async () => {
    isWriting = true;
    while (waiting.length > 0) {
      const groups = waiting;
      waiting = [];
      await append(groups.length === 1 ? groups[0] : Buffer.concat(groups));
      for (const group of groups) {
        socket.write(framed(Buffer.of(1)));
        for (const [key, value] of JSON.parse(group.toString())) values.set(key, value);
      }
    }
    isWriting = false;
  };
  readFrames(socket, (group) => {
    if (group.length === 0) {
      socket.write(framed(Buffer.of(0)));
      return;
    }
    waiting.push(group);
    if (!isWriting) void write();
  });
}

/** Those who wait travel in rounds: all that are there when this member has done its part of the round before. */
class Rounds {
  #waiting = [];
  #isBegun = false;
  /** Who waits for which round: the oldest that a majority has not answered comes first. */
  #open = [];
  #ended = 0;
  /** How many rounds each member has answered; each answers them in their order. */
  #answered = { self: 0 };
  #begin;

  /** @param begin sends a round to the two others, and does this member's part of it; resolves when that is done */
  constructor(begin) {
    this.#begin = begin;
  }

  join(one) {
    return new Promise((resolve) => {
      this.#waiting.push({ one, resolve });
      if (this.#isBegun) return;
      this.#isBegun = true;
      setImmediate(() => this.#next());
    });
  }

  /** A member has answered one round more. */
  heard(member) {
    this.#answered[member] = (this.#answered[member] ?? 0) + 1;
    const counts = Object.values(this.#answered).sort((one, other) => other - one);
    const through = counts[MAJORITY - 1] ?? 0;
    while (this.#ended < through) {
      const group = this.#open.shift();
      this.#ended++;
      setImmediate(() => {
        for (const { one, resolve } of group) resolve(one);
      });
    }
  }

  async #next() {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      this.#open.push(group);
      await this.#begin(group.map(({ one }) => one));
      this.heard("self");
    }
    this.#isBegun = false;
  }
}

function lead(ports) {
  let revision = 0;
  const sockets = ports.map((one) => connect(Number(one), HOST));
  const send = (bytes) => {
    const frame = framed(bytes);
    for (const socket of sockets) socket.write(frame);
  };
  const puts = new Rounds((group) => {
    const bytes = Buffer.from(JSON.stringify(group));
    send(bytes);
    return append(bytes);
  });
  const reads = new Rounds(async () => send(Buffer.alloc(0)));
  for (const [place, socket] of sockets.entries()) {
    readFrames(socket, ([isPut]) => (isPut === 1 ? puts : reads).heard(place));
  }
  const put = async (key, text) => {
    const { value } = JSON.parse(text);
    await puts.join([key, value]);
    values.set(key, value);
    return { key, revision: ++revision };
  };
  const get = async (key) => {
    await reads.join(null);
    return { key, value: values.get(key) ?? null };
  };
  createHttpServer(async (request, response) => {
    const [path] = request.url.split("?", 1);
    const key = path.slice("/kv/".length);
    const answer = JSON.stringify(await (request.method === "PUT" ? put(key, await textOf(request)) : get(key)));
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(answer) });
    response.end(answer);
  }).listen(Number(port), HOST, tellStarted);
}

function textOf(request) {
  return new Promise((resolve) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (piece) => {
      text += piece;
    });
    request.on("end", () => resolve(text));
  });
}

process.on("message", () => process.send({ syncs }));
process.on("disconnect", () => process.exit(0));
if (others.length > 0) lead(others);
else createServer(follow).listen(Number(port), HOST, tellStarted);
