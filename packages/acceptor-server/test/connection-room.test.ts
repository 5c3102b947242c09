import { describe, expect, test } from "vitest";
import { ConnectionRoom } from "../src/node/connection-room.ts";

/** Opens as many as there is room for at one port. @returns how many that were */
function fill(room: ConnectionRoom): number {
  let open = 0;
  while (room.isLeft(open)) {
    room.enter();
    open++;
    if (open > 1_000_000) throw new Error("there is no bound");
  }
  return open;
}

describe("room for connections in a process", () => {
  test.each([
    [20_000, 18_720],
    [1024, 576],
    [256, 144],
  ])("of %d files one port may take %d, and four ports never take all", (files, most) => {
    const room = new ConnectionRoom(files);
    expect(room.ofOnePort).toBe(most);
    const taken = [1, 2, 3, 4].map(() => fill(room)).reduce((sum, open) => sum + open, 0);
    expect(taken).toBeLessThanOrEqual(files - Math.min(512, files / 4));
  });

  test("a port that others left no room still takes its own share, so that nodes reach each other", () => {
    const room = new ConnectionRoom(1024);
    fill(room);
    expect(fill(room)).toBe(64);
  });

  test("what is closed makes room again", () => {
    const room = new ConnectionRoom(1024);
    const open = fill(room);
    room.leave();
    expect(room.isLeft(open - 1)).toBe(true);
  });
});
