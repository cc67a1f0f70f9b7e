import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { LOCAL_TOKEN_FILE } from "../../src/contract/service-token";
import { NEWS_BODY, TIL_BODY } from "../support/bodies";
import { chunk, say, startEngine } from "../support/engine";
import { type Child, startNode } from "../support/process";
import { parseEvents, textOfEvents } from "../support/sse";

const APP = join(__dirname, "../..");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "terrace-kills-"));
  // PostgreSQL does not run as root, and its account has to get in.
  chmodSync(folder, 0o755);
  execFileSync(process.execPath, [join(APP, "build.mjs"), join(folder, "dist")]);
  cpSync(join(APP, "bin"), join(folder, "bin"), { recursive: true });
  symlinkSync(join(APP, "..", "node_modules"), join(folder, "node_modules"));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A gateway with stores of its own, ready for requests. */
async function start(name: string, env: Readonly<Record<string, string>> = {}) {
  const data = join(folder, name);
  const launcher = join(folder, "bin", "terrace-app.cjs");
  const child: Child = startNode([launcher], { PORT: "0", SIMULATOR_SPEED: "0", DATA_DIR: data, ...env });
  closers.push(() => {
    child.process.kill("SIGTERM");
    return child.ended;
  });
  const [, port] = await child.until(/listening on http:\/\/localhost:(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  while ((await fetch(`${url}/healthz`)).status !== 200) await delay(20);
  const token = readFileSync(join(data, LOCAL_TOKEN_FILE), "utf8").trim();
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const post = (path: string, body: unknown) =>
    fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  return { child, post };
}

describe("terrace-app under 30 streams", () => {
  /** 30 streams whose engine writes their end when it is asked for. */
  async function streams(drainTimeoutMs: number) {
    const finish: (() => void)[] = [];
    const engine = await startEngine((asked, response) => {
      // The warm-up.
      if (asked.body.max_tokens === 1) return say(response, "p");
      response.setHeader("content-type", "text/event-stream");
      response.write(chunk("begun "));
      finish.push(() => response.end(`${chunk("finished", "stop")}data: [DONE]\n\n`));
    });
    closers.push(() => engine.close());
    const { child, post } = await start(`streams-${drainTimeoutMs}`, {
      VLLM_BASE_URL: engine.baseUrl,
      DRAIN_TIMEOUT_MS: String(drainTimeoutMs),
    });
    const begun = await Promise.all(Array.from({ length: 30 }, () => post("/news", { ...NEWS_BODY, stream: true })));
    child.process.kill("SIGTERM");
    await child.until(/draining/);
    return { child, finish, texts: Promise.all(begun.map(async (answer) => parseEvents(await answer.text()))) };
  }

  it("finishes all of them at SIGTERM, and exits with 0", async () => {
    const { child, finish, texts } = await streams(20_000);
    for (const end of finish) end();
    for (const events of await texts) {
      expect(textOfEvents(events)).toBe("begun finished");
      expect(events.at(-1)?.done).toBe(true);
    }
    expect(await child.ended).toBe(0);
    expect(child.output()).toMatch(/"completed":30,"lost":0,"left":0.*"msg":"drained"/);
  }, 60_000);

  it("ends all of them with an error event where the time of the drain is too short, and exits with 0", async () => {
    const { child, texts } = await streams(300);
    for (const events of await texts)
      expect(events.at(-1)).toMatchObject({ name: "error", data: { code: "DRAINING" } });
    expect(await child.ended).toBe(0);
    expect(child.output()).toMatch(/"completed":0,"lost":30,"left":0.*"msg":"drained"/);
  }, 60_000);
});

const writtenSchema = z.object({ id: z.uuid().nullable(), warnings: z.array(z.string()) });
type Post = Awaited<ReturnType<typeof start>>["post"];

/** Writes TILs, four at a time, until `enough` or the end of the gateway. @returns the ids that it answered with */
async function write(post: Post, ids: string[], enough: () => boolean): Promise<void> {
  async function writer(): Promise<void> {
    while (!enough()) {
      const { id, warnings } = writtenSchema.parse(await (await post("/til", TIL_BODY)).json());
      if (id === null) expect(warnings).toContain("NOT_STORED");
      else ids.push(id);
    }
  }
  await Promise.allSettled(Array.from({ length: 4 }, writer));
}

async function expectStored(post: Post, ids: readonly string[]): Promise<void> {
  for (const til_id of ids) {
    const { status } = await post("/interview", { user: TIL_BODY.user, til_id, count: 1, language: "en" });
    expect({ til_id, status }).toEqual({ til_id, status: 200 });
  }
}

describe("TILs that were answered with an id", () => {
  it("are all there after the gateway was killed while it wrote", async () => {
    const killed = await start("writes");
    const ids: string[] = [];
    const written = write(killed.post, ids, () => false);
    while (ids.length < 12) await delay(5);
    killed.child.process.kill("SIGKILL");
    await written;
    expect(await killed.child.ended).toBe("SIGKILL");
    const { post } = await start("writes");
    await expectStored(post, ids);
  }, 120_000);

  it("are all there after its PostgreSQL was killed while it wrote, and more are kept without a restart", async () => {
    const { post } = await start("database");
    const ids: string[] = [];
    let enough = Number.POSITIVE_INFINITY;
    const written = write(post, ids, () => ids.length >= enough);
    while (ids.length < 12) await delay(5);
    const pid = readFileSync(join(folder, "database", "postgres", "postmaster.pid"), "utf8").split("\n")[0];
    process.kill(Number(pid), "SIGKILL");
    enough = ids.length + 12;
    await written;
    expect(ids.length).toBeGreaterThanOrEqual(enough);
    await expectStored(post, ids);
  }, 120_000);
});
