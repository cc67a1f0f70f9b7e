import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { z } from "zod";
import { PATHS } from "../../app/src/contract/endpoints";
import { TASKS } from "../../app/src/contract/tasks";
import { describeWith } from "../../testing/programs";
import { FUZZ_TOKENS, type FuzzedGateway, startFuzzedGateway } from "./fuzz/fuzzed-gateway";

/** Seconds of fuzzing by who sends: two minutes in all. Without a token little is reached. */
const BUDGETS = [
  { role: "nobody", seconds: 20, token: undefined },
  { role: "a service", seconds: 60, token: FUZZ_TOKENS.service },
  { role: "an administrator", seconds: 40, token: FUZZ_TOKENS.admin },
] as const;

/** schemathesis' own, and one of `fuzz/gateway_checks.py`. */
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "takes_less_than_a_second",
];

/** Seconds after which an answer has been lost: how long one takes is judged by CPU time, whatever else the machine does. */
const REQUEST_TIMEOUT_SECONDS = 60;
/** Beyond its budget a run imports a hundred modules and finishes its last request. */
const GRACE_MS = 120_000;

const HOOKS = join(__dirname, "fuzz");

function fuzz(gateway: FuzzedGateway, seed: number, { seconds, token }: (typeof BUDGETS)[number]) {
  const cwd = join(gateway.folder, "fuzz");
  mkdirSync(cwd, { recursive: true });
  const args = [
    ...["run", `${gateway.url}/openapi.json`, "--checks", CHECKS.join(","), "--max-time", String(seconds)],
    ...["--phases", "examples,coverage,fuzzing", "--seed", String(seed), "--generation-database", "none"],
    ...[
      "--request-timeout",
      String(REQUEST_TIMEOUT_SECONDS),
      "--continue-on-failure",
      "--warnings",
      "off",
      "--no-color",
    ],
    ...(token === undefined ? [] : ["--header", `authorization: Bearer ${token}`]),
  ];
  const env = {
    ...process.env,
    GATEWAY_PID: String(gateway.pid),
    SCHEMATHESIS_HOOKS: "gateway_checks",
    PYTHONPATH: [HOOKS, process.env.PYTHONPATH ?? ""].join(delimiter),
    // Nothing is written beside the source.
    PYTHONDONTWRITEBYTECODE: "1",
  };
  return new Promise<{ readonly failed: boolean; readonly output: string }>((resolve) => {
    execFile("schemathesis", args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ failed: error !== null, output: stdout + stderr }),
    );
  });
}

describeWith(["schemathesis"], "The OpenAPI document, fuzzed", () => {
  const seed = Number(process.env.TERRACE_FUZZ_SEED ?? randomInt(2 ** 31));
  let gateway: FuzzedGateway;

  beforeAll(async () => {
    process.stderr.write(`fuzzing with TERRACE_FUZZ_SEED=${seed}\n`);
    gateway = await startFuzzedGateway();
  });
  afterAll(() => gateway?.stop());

  it("covers the routes that want a database too", async () => {
    const document = z
      .object({ paths: z.record(z.string(), z.unknown()) })
      .parse(await (await fetch(`${gateway.url}/openapi.json`)).json());
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([TASKS.til.path, `${PATHS.admin}/adapters`, `${PATHS.admin}/drain`]),
    );
  });

  it.each(BUDGETS)(
    "holds for what $role sends in $seconds s: no 5xx, nothing undocumented, no second of CPU",
    async (budget) => {
      const { failed, output } = await fuzz(gateway, seed, budget);
      if (failed) throw new Error(`TERRACE_FUZZ_SEED=${seed} repeats this.\n${output}`);
      const [, sent, passed] = /(\d+) generated, (\d+) passed/.exec(output) ?? [];
      process.stderr.write(`fuzzing as ${budget.role}: ${sent} requests\n`);
      expect(Number(passed)).toBeGreaterThan(0);
      expect(passed).toBe(sent);
    },
    Math.max(...BUDGETS.map(({ seconds }) => seconds)) * 1_000 + GRACE_MS,
  );
});
