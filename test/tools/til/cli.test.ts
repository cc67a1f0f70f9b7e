import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { z } from "zod";
import { describeWith } from "../../../testing/programs";
import { ScratchRepository } from "./scratch-repository";

const ROOT = join(__dirname, "../../..");

const bodySchema = z.strictObject({
  user: z.string(),
  date: z.iso.date(),
  language: z.enum(["ko", "en"]),
  stream: z.boolean(),
  repo: z.tuple([
    z.strictObject({
      name: z.string(),
      branch: z.string().optional(),
      commits: z.array(
        z.strictObject({
          sha: z.string().regex(/^[0-9a-f]{40}$/),
          message: z.string(),
          files: z.array(z.strictObject({ filepath: z.string(), patch: z.string() })),
        }),
      ),
    }),
  ]),
});

const ANSWER = {
  title: "Carts",
  content: "## Done\n- a",
  keywords: ["Redis", "cache"],
  sources: [{ id: "1", title: "Earlier", date: "2026-11-01", score: 0.5 }],
  skipped: [{ repo: "shop", path: "logo.png", reason: "binary" }],
  warnings: ["SECRETS_REDACTED", "ANSWER_TRUNCATED"],
  model: "m",
  simulated: true,
};

type Behaviour = (body: z.output<typeof bodySchema>, response: ServerResponse, request: IncomingMessage) => void;

/** A gateway that checks what it is sent. */
async function startStub(behaviour: Behaviour) {
  const server = createServer(async (request, response) => {
    response.setHeader("content-type", "application/json");
    behaviour(bodySchema.parse(JSON.parse(await text(request))), response, request);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** Runs the client. */
async function til(...args: readonly string[]) {
  const child = spawn(process.execPath, ["-r", "./testing/typescript.cjs", "tools/til/main.ts", ...args], {
    cwd: ROOT,
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { stdout, stderr, code };
}

describeWith(["git"], "npm run til", () => {
  const folder = mkdtempSync(join(tmpdir(), "terrace-til-"));
  let repository: string;

  beforeAll(() => {
    const shop = new ScratchRepository(folder, "shop");
    repository = shop.path;
    shop.environment.GIT_COMMITTER_DATE = "2020-01-01T00:00:00Z";
    shop.commit("Old", { "old.ts": "1\n" });
    delete shop.environment.GIT_COMMITTER_DATE;
    shop.commit("Cache carts\n\nA body.", {
      "src/장바구니 a.ts": "const a = 1;\n",
      "logo.png": Buffer.from([0, 1, 2, 0]),
    });
    shop.git("switch", "-q", "-c", "side");
    shop.commit("Side", { "side.ts": "x\n" }, "--author=Lee <lee@example.com>");
    shop.git("switch", "-q", "main");
    shop.git("merge", "-q", "--no-ff", "-m", "Merge side", "side");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("sends the commits of a repository, oldest first, names what it leaves out, and prints Markdown", async () => {
    let sent: z.output<typeof bodySchema> | undefined;
    let token: string | undefined;
    const stub = await startStub((body, response, request) => {
      sent = body;
      token = request.headers.authorization;
      response.end(JSON.stringify(ANSWER));
    });
    const result = await til(repository, "--url", stub.url, "--token", "t", "--user", "jimin", "--language", "en");
    stub.close();
    expect(result.code).toBe(0);
    expect(result.stdout).toBe(
      "# Carts\n\n## Done\n- a\n\nKeywords: Redis, cache\n\nEarlier notes:\n- Earlier (2026-11-01)\n",
    );
    expect(result.stderr).toContain("skipped: logo.png (binary)");
    expect(result.stderr).toContain("m (simulated)");
    expect(token).toBe("Bearer t");
    expect(sent).toMatchObject({
      user: "jimin",
      language: "en",
      stream: false,
      repo: [{ name: "shop", branch: "main" }],
    });
    const commits = sent?.repo[0].commits ?? [];
    expect(commits.map(({ message }) => message)).toEqual(["Cache carts\n\nA body.", "Side"]);
    expect(result.stderr).toMatch(/^1 commit left out \(\w{7}\): merges without changes of their own$/m);
    const files = commits.find(({ message }) => message.startsWith("Cache"))?.files ?? [];
    expect(files.map(({ filepath }) => filepath).sort()).toEqual(["logo.png", "src/장바구니 a.ts"]);
    expect(files.find(({ filepath }) => filepath === "logo.png")?.patch).toContain("Binary files");
    expect(files.find(({ filepath }) => filepath !== "logo.png")?.patch).toContain("+const a = 1;");
  });

  it("prints a stream as it arrives, and fails where it breaks off", async () => {
    const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
    const error = `event: error\ndata: ${JSON.stringify({ code: "DRAINING", detail: "gone" })}\n\n`;
    for (const [end, code, said] of [
      [
        "data: [DONE]\n\n",
        0,
        "m (simulated)\nskipped: logo.png (binary)\nwarnings: SECRETS_REDACTED, ANSWER_TRUNCATED",
      ],
      [error, 1, "DRAINING: gone"],
    ] as const) {
      const stub = await startStub((body, response) => {
        expect(body.stream).toBe(true);
        const sources = `event: sources\ndata: ${JSON.stringify({ ...ANSWER, warnings: [] })}\n\n`;
        const stored = `event: stored\ndata: ${JSON.stringify({ warnings: ANSWER.warnings })}\n\n`;
        response.setHeader("content-type", "text/event-stream; charset=utf-8");
        response.end(`${sources}${chunk("# 장")}${chunk("바구니")}${code === 0 ? stored : ""}${end}`);
      });
      const result = await til(repository, "--url", stub.url, "--stream");
      stub.close();
      expect(result).toMatchObject({ code, stdout: expect.stringContaining("# 장바구니") });
      expect(result.stderr).toContain(said);
    }
  });

  it("prints a whole answer to --stream, as from a degraded instance", async () => {
    const stub = await startStub(
      (_body, response) => void response.end(JSON.stringify({ ...ANSWER, model: null, warnings: ["NOT_STORED"] })),
    );
    const result = await til(repository, "--url", stub.url, "--stream");
    stub.close();
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining("# Carts") });
    expect(result.stderr).toContain("model: none");
    expect(result.stderr).toContain("warnings: NOT_STORED\n");
  });

  it("prints one line for each kind of error", async () => {
    const refusal = (status: number, body: unknown) => (_: unknown, response: ServerResponse) =>
      response.writeHead(status, { "retry-after": "3" }).end(JSON.stringify(body));
    const unauthorized = await startStub(refusal(401, { detail: "no", code: "UNAUTHORIZED" }));
    const full = await startStub(refusal(429, { detail: "full", code: "QUEUE_FULL" }));
    const wrong = await startStub(refusal(200, { hello: 1 }));
    const cases = [
      [[folder], /is not a git repository/],
      [[repository, "--since", "tomorrow"], /^no commits since tomorrow/],
      [[repository, "--author", "nobody@nowhere"], /^no commits since yesterday by nobody@nowhere/],
      [[repository, "--url", "http://127.0.0.1:1"], /nothing answers at .*npm start/],
      [[repository, "--url", unauthorized.url], /--token or TERRACE_TOKEN/],
      [[repository, "--url", full.url], /429 QUEUE_FULL: full \(try again in 3 s\)/],
      [[repository, "--url", wrong.url], /not a TIL/],
      [[repository, "--language", "fr"], /must be ko or en/],
      [[], /^Usage/],
      [[""], /^Usage/],
      [[repository, "--unknown"], /Usage/],
    ] as const;
    const check = async ([args, line]: (typeof cases)[number]) => {
      const { code, stderr, stdout } = await til(...args);
      expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: "" });
      expect(stderr).toMatch(new RegExp(line.source, "m"));
      expect(stderr).not.toMatch(/^\s+at /m);
    };
    await Promise.all(cases.map(check));
    for (const stub of [unauthorized, full, wrong]) stub.close();
  });
});
