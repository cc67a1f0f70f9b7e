import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { pino } from "pino";
import { z } from "zod";
import { TIL_BODY } from "../../support/bodies";
import { type Asked, chunk, fail, say, startEngine, TIL_ANSWER } from "../../support/engine";
import { startGateway } from "../../support/gateway";
import { loadSecretRules } from "../../support/native-esm";
import { PLANTED } from "../../support/secrets";

beforeAll(loadSecretRules);

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const SUMMARY = JSON.stringify({ change_purpose: "Makes carts fast.", code_changes: ["Adds a cache."] });

const isSummary = ({ body }: Asked) => JSON.stringify(body.response_format).includes("patch_summary");
/** The material that the engine was given, also in a repair. */
const userTurn = (asked: Asked | undefined) => asked?.body.messages[1]?.content ?? "";

/** A gateway before an engine that summarises files and writes TILs, and counts what it does at once. */
async function start(
  options: { readonly summarise?: (asked: Asked) => string | undefined; readonly cacheTtlSeconds?: number } = {},
) {
  let atOnce = 0;
  let most = 0;
  const engine = await startEngine(async (asked, response) => {
    if (!isSummary(asked)) return say(response, TIL_ANSWER);
    const summary = options.summarise === undefined ? SUMMARY : options.summarise(asked);
    if (summary === undefined) return fail(response, 503, { "retry-after": "7" });
    atOnce += 1;
    most = Math.max(most, atOnce);
    // The next prompt is sent once this one's first text is there.
    response.setHeader("content-type", "text/event-stream").write(chunk(" "));
    await new Promise((resolve) => setTimeout(resolve, 10));
    atOnce -= 1;
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    response.end(`${chunk(summary, "stop")}data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
  });
  closing.push(engine.close);
  const { cacheTtlSeconds = 0 } = options;
  const warned: unknown[] = [];
  const logger = pino({ level: "warn" }, { write: (line: string) => warned.push(JSON.parse(line)) });
  const gateway = await startGateway({
    baseUrl: engine.baseUrl,
    promptBudgetTokens: 4_000,
    contextBudgetTokens: 1_000,
    stores: { cacheTtlSeconds },
    logger,
  });
  closing.push(gateway.close);
  return { engine, gateway, warned, most: () => most };
}

const answerSchema = z.looseObject({
  warnings: z.array(z.string()),
  skipped: z.array(z.looseObject({ path: z.string(), reason: z.string() })),
  redacted: z.record(z.string(), z.int()),
  usage: z.object({ total_tokens: z.int() }),
  explain: z.looseObject({ summarised_files: z.int() }),
});

async function ask(gateway: Awaited<ReturnType<typeof start>>["gateway"], repo: unknown) {
  const response = await gateway.post("/til?explain=true", { ...TIL_BODY, repo });
  const text = await response.text();
  expect({ status: response.status, text }).toMatchObject({ status: 200 });
  return answerSchema.parse(JSON.parse(text));
}

const file = (name: string, lines: number) => ({
  filepath: `src/${name}.ts`,
  patches: [
    {
      commit_message: `Change ${name}`,
      patch: `@@ -1 +1,${lines} @@\n${Array.from({ length: lines }, (_, index) => `+const ${name}${index} = compute(${index});`).join("\n")}`,
    },
  ],
});

describe("POST /til with a large change", () => {
  it("makes one call where the change fits into one prompt", async () => {
    const { engine, gateway } = await start();
    const { explain, warnings } = await ask(gateway, [{ name: "shop", files: [file("a", 20), file("b", 20)] }]);
    expect(engine.asked).toHaveLength(1);
    expect(explain.summarised_files).toBe(0);
    expect(warnings).toEqual(["NOT_STORED"]);
  });

  it("summarises a larger change file by file, a few at a time, and leaves small files as they are", async () => {
    const { engine, gateway, most } = await start();
    const files = [...Array.from({ length: 15 }, (_, index) => file(`large${index}`, 60)), file("small", 2)];
    const { explain, usage } = await ask(gateway, [{ name: "shop", files }]);
    expect(explain.summarised_files).toBe(15);
    expect(engine.asked.filter(isSummary)).toHaveLength(15);
    for (const asked of engine.asked.filter(isSummary)) expect(userTurn(asked).match(/<file path/g)).toHaveLength(1);
    expect(most()).toBeGreaterThan(1);
    expect(most()).toBeLessThanOrEqual(10);
    // Of all 16 calls together.
    expect(usage.total_tokens).toBe(16 * 15);
    const final = userTurn(engine.asked.find((asked) => !isSummary(asked)));
    expect(final.match(/Makes carts fast\./g)).toHaveLength(15);
    expect(final).toContain("message: Change large3");
    expect(final).toContain("+const small1 = compute(1);");
    expect(final).not.toContain("compute(30)");
  });

  it("keeps a file's change where its summary cannot be used, with the warning SUMMARY_FAILED", async () => {
    const { engine, gateway, warned } = await start({
      summarise: (asked) => (userTurn(asked).includes("large1") ? "rubbish" : SUMMARY),
    });
    const files = Array.from({ length: 8 }, (_, index) => file(`large${index}`, 60));
    const { warnings } = await ask(gateway, [{ name: "shop", files }]);
    expect(warnings).toContain("SUMMARY_FAILED");
    const failed = warned.filter((entry) => /was not summarised/.test(JSON.stringify(entry)));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ err: { message: expect.stringContaining("patch_summary after a repair") } });
    expect(JSON.stringify(warned)).not.toContain("compute(");
    expect(userTurn(engine.asked.at(-1))).toContain("+const large10 = compute(0);");
  });

  it("fails as a whole where the engine refuses, and requests no more summaries", async () => {
    const { engine, gateway } = await start({ summarise: () => undefined });
    const files = Array.from({ length: 30 }, (_, index) => file(`large${index}`, 60));
    const response = await gateway.post("/til", { ...TIL_BODY, repo: [{ name: "shop", files }] });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await response.text()).not.toContain("SECRET-UPSTREAM-BODY");
    expect(engine.asked.length).toBeLessThan(30);
  });

  it("reads summaries from the cache the second time, for the same user only", async () => {
    const { engine, gateway } = await start({ cacheTtlSeconds: 60 });
    const files = Array.from({ length: 8 }, (_, index) => file(`large${index}`, 60));
    const repo = [{ name: "shop", files }];
    await ask(gateway, repo);
    expect(engine.asked).toHaveLength(9);
    await ask(gateway, repo);
    expect(engine.asked).toHaveLength(10);
    await gateway.post("/til", { ...TIL_BODY, user: "another", repo });
    expect(engine.asked).toHaveLength(19);
  });

  it("cuts by hunk where even the summaries do not fit, with the warning CHANGES_TRUNCATED", async () => {
    const { gateway } = await start();
    const files = Array.from({ length: 400 }, (_, index) => file(`f${index}`, 10));
    const { warnings } = await ask(gateway, [{ name: "shop", files }]);
    expect(warnings).toContain("CHANGES_TRUNCATED");
  });

  it("lists files that are left out whole in `skipped`", async () => {
    const { engine, gateway } = await start();
    const patches = [{ commit_message: "m", patch: "@@ -1 +1 @@\n+UNSEEN" }];
    const files = ["package-lock.json", "logo.png", "vendor/x/y.go", "api.pb.go", "app.min.js"].map((filepath) => ({
      filepath,
      patches,
    }));
    const { skipped } = await ask(gateway, [{ name: "shop", files: [...files, file("a", 2)] }]);
    expect(skipped.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
      "package-lock.json lockfile",
      "logo.png binary",
      "vendor/x/y.go vendored",
      "api.pb.go generated",
      "app.min.js minified",
    ]);
    expect(JSON.stringify(engine.asked.map((asked) => asked.body))).not.toContain("UNSEEN");
  });
});

describe("POST /til with secrets in a change", () => {
  it("hides secrets of every kind in every field from the engine", async () => {
    const { engine, gateway } = await start();
    const planted = fc.oneof(...Object.values(PLANTED));
    const place = fc.constantFrom("patch", "message", "code", "path", "many files", "text");
    await fc.assert(
      fc.asyncProperty(planted, place, async ({ line, hidden }, where) => {
        engine.asked.length = 0;
        const patch = {
          commit_message: where === "message" ? line : "m",
          patch: where === "patch" || where === "many files" ? `@@ -1 +1 @@\n+${line}` : "@@ -1 +1 @@\n+x",
        };
        const one = {
          filepath: where === "path" ? line.slice(0, 900) : "src/a.ts",
          patches: where === "code" ? [] : [patch],
          latest_code: where === "code" ? line : undefined,
        };
        const files =
          where === "many files" ? [one, ...Array.from({ length: 6 }, (_, index) => file(`large${index}`, 60))] : [one];
        const body =
          where === "text"
            ? { user: "u", domain: "note", title: line.slice(0, 400), text: line }
            : { ...TIL_BODY, repo: [{ name: "shop", files }] };
        const response = await gateway.post("/til", body);
        const answer = await response.text();
        expect(response.status).toBe(200);
        const seen = JSON.stringify(engine.asked.map((asked) => asked.body));
        expect(engine.asked.length).toBeGreaterThan(0);
        for (const secret of hidden) {
          expect(seen).not.toContain(JSON.stringify(secret).slice(1, -1));
          expect(answer).not.toContain(JSON.stringify(secret).slice(1, -1));
        }
        expect(answerSchema.partial().parse(JSON.parse(answer)).warnings).toContain("SECRETS_REDACTED");
      }),
      { numRuns: 120 },
    );
  });
});
