import type { AddBlockReply } from "@synod/api";
import type { StoreCall } from "../kv/gateway.js";
import { ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";

/** Adds a block with a value, and one that reads it back. @param ask asks a gateway of the ledger */
export async function testLedger(
  key: string,
  ask: (call: StoreCall) => Promise<{ readonly body: unknown }>,
  terminal: Terminal,
): Promise<{ readonly exitCode: ExitCode; readonly document: object }> {
  const value = new Date().toISOString();
  const add = async (operation: object) => {
    return (await ask({ method: "POST", path: "/ledger/blocks", body: { operation } })).body as AddBlockReply;
  };
  const put = await add({ type: "put", key, value });
  terminal.line(`put: ok (block ${put.height})`);
  const got = await add({ type: "get", key });
  const ok = got.answer === "value" && got.value === value;
  const words = ok ? "ok" : `wrong: ${JSON.stringify(got.value)}, not ${JSON.stringify(value)}`;
  terminal.line(`get: ${words} (block ${got.height})`);
  const blocks = [put, got].map(({ height, hash, requestId }) => ({ height, hash, requestId }));
  const document = { value, ok, blocks, warnings: terminal.warnings };
  return { exitCode: ok ? ExitCode.done : ExitCode.failure, document };
}
