/**
 * `npm run bench:synth`: what the synthesis of all environments costs, as a user runs it, against cdktf's own floor:
 * a program that loads the same provider submodules and emits as many stacks and resources, all of one cheap type with
 * constant properties. Both run by turns, so that other load on the machine slows both.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { median } from "../../reporting/median";
import { renderTable } from "../../reporting/table";
import { synthesizedStacks } from "../synthesis";
import { floorProgram, submodulesOf } from "./floor";
import { type MeasuredCommand, type Measurement, measure } from "./measure";

const ROOT = join(__dirname, "..", "..");
const FOLDER = join(ROOT, "out", "bench");
const ROUNDS = 9;
/** Most that the ratios may be. */
const TARGETS = { time: 1.5, memory: 1.3 };

async function main(): Promise<void> {
  const { app } = z.object({ app: z.string() }).parse(JSON.parse(readFileSync(join(ROOT, "cdktf.json"), "utf8")));
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  // Not the user's cdktf.out: a bench must not change what is deployed next.
  const terrace = { line: app, cwd: ROOT, variables: { CDKTF_OUTDIR: join(FOLDER, "cdktf.out") } };
  console.error("first run, not counted: compiles, and says how much there is to emit");
  await measure(terrace);

  const stacks = synthesizedStacks(FOLDER);
  const submodules = submodulesOf(join(ROOT, ".build"));
  const resourcesByStack = stacks.map((stack) => stack.resources);
  const resources = resourcesByStack.reduce((sum, count) => sum + count, 0);
  writeFileSync(join(FOLDER, "floor.js"), floorProgram({ submodules, resourcesByStack }));
  const floor = { line: `node ${FOLDER}/floor.js`, cwd: ROOT, variables: { CDKTF_OUTDIR: join(FOLDER, "floor") } };
  await measure(floor);

  const { a, b } = await byTurns(terrace, floor);
  console.log(`${stacks.length} stacks, ${resources} resources, ${submodules.length} provider submodules`);
  report(a, b);
}

async function byTurns(
  first: MeasuredCommand,
  second: MeasuredCommand,
): Promise<{ a: Measurement[]; b: Measurement[] }> {
  const a: Measurement[] = [];
  const b: Measurement[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    console.error(`round ${round} of ${ROUNDS}`);
    // Who goes first changes, because the second finds warmer caches.
    if (round % 2 === 1) a.push(await measure(first));
    b.push(await measure(second));
    if (round % 2 === 0) a.push(await measure(first));
  }
  return { a, b };
}

function report(terrace: readonly Measurement[], floor: readonly Measurement[]): void {
  const seconds = [terrace, floor].map((runs) => median(runs.map((run) => run.seconds)));
  const megabytes = [terrace, floor].map((runs) => median(runs.map((run) => run.megabytes)));
  const [terraceSeconds = 0, floorSeconds = 0] = seconds;
  const [terraceMegabytes = 0, floorMegabytes = 0] = megabytes;
  const time = terraceSeconds / floorSeconds;
  const memory = terraceMegabytes / floorMegabytes;
  const row = (name: string, runs: readonly Measurement[], s: number, mb: number) => {
    const times = runs.map((run) => run.seconds);
    return [name, s.toFixed(2), `${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)}`, mb.toFixed(0)];
  };
  console.log(
    renderTable(
      [`median of ${terrace.length}`, "seconds", "range", "MB"],
      [
        row("terrace (cdktf.json's app command)", terrace, terraceSeconds, terraceMegabytes),
        row("floor (cdktf and the provider alone)", floor, floorSeconds, floorMegabytes),
        ["ratio", time.toFixed(2), "", memory.toFixed(2)],
        ["at most", TARGETS.time.toFixed(2), "", TARGETS.memory.toFixed(2)],
      ],
    ),
  );
  const round = (value: number) => Math.round(value * 1000) / 1000;
  console.log(
    JSON.stringify({
      bench: "synth",
      time_ratio: round(time),
      memory_ratio: round(memory),
      seconds: round(terraceSeconds),
      mb: round(terraceMegabytes),
    }),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
