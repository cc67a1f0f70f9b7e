/** `npm run load`: sends mixed requests to a gateway, so that dashboards and alerts have something to show. */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { PATHS, PORTS } from "../../app/src/contract/endpoints";
import { isTask, TASK_NAMES, TASKS } from "../../app/src/contract/tasks";
import { tokenFor } from "../local-token";
import { type Mix, USUAL_MIX } from "./errands";
import { startLoad } from "./generator";
import { LoadReport } from "./report";

const USAGE = `Usage: npm run load -- [options]
  --url URL          where the gateway answers (default: http://localhost:${PORTS.gateway})
  --rate N           requests a second, on average, whatever the answers take (default: 1)
  --duration N       seconds (default: until Ctrl-C)
  --mix LIST         tasks and how often each, relative to the others (default: ${mixText(USUAL_MIX)})
  --users N          people who ask (default: 20)
  --token TOKEN      bearer token (default: TERRACE_TOKEN, or that of the gateway that runs here)`;

/** A wrong argument: the usage is shown. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

const OPTIONS = {
  url: { type: "string", default: `http://localhost:${PORTS.gateway}` },
  rate: { type: "string", default: "1" },
  duration: { type: "string" },
  mix: { type: "string", default: mixText(USUAL_MIX) },
  users: { type: "string", default: "20" },
  token: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

const REPORT_SECONDS = 5;
/** Long enough for a whole answer at an L4's pace. */
const GRACE_SECONDS = 30;

function mixText(mix: Mix): string {
  return Object.entries(mix)
    .map(([task, weight]) => `${task}=${weight}`)
    .join(",");
}

function readMix(text: string): Mix {
  const entries = text.split(",").map((item): readonly [string, number] => {
    const [name = "", weight = "1"] = item.trim().split("=");
    return [name, positive(weight, `--mix ${item}`)];
  });
  const unknown = entries.find(([name]) => !isTask(name));
  if (unknown !== undefined) throw new UsageError(`--mix ${unknown[0]}: must be one of ${TASK_NAMES.join(", ")}`);
  return Object.fromEntries(entries);
}

function positive(text: string, where: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0)
    throw new UsageError(`${where}: must be a number above 0`);
  return value;
}

function readArguments() {
  let values: ReturnType<typeof parse>;
  try {
    values = parse();
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown));
  }
  const { url, rate, duration, mix, users, token, help } = values;
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new UsageError(`--url ${url}: must be an http(s) URL`);
  return {
    help,
    url,
    token: token ?? tokenFor(url, process.env),
    ratePerSecond: positive(rate, `--rate ${rate}`),
    seconds: duration === undefined ? undefined : positive(duration, `--duration ${duration}`),
    mix: readMix(mix),
    users: Math.ceil(positive(users, `--users ${users}`)),
  };
}

function parse() {
  return parseArgs({ options: OPTIONS }).values;
}

/** The tasks of the mix that the gateway has a route for; all of them where it serves no OpenAPI document. */
async function served(url: string, mix: Mix): Promise<Mix> {
  const answer = await fetch(new URL(PATHS.openapi, url)).catch((thrown: unknown) => {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? `: ${thrown.cause.message}` : "";
    throw new UsageError(`nothing answers at ${url}${cause}; start it with npm start, or name another with --url`);
  });
  const document: unknown = answer.ok ? await answer.json() : undefined;
  if (typeof document !== "object" || document === null || !("paths" in document)) return mix;
  const { paths } = document;
  if (typeof paths !== "object" || paths === null) return mix;
  const there = Object.entries(mix).filter(([name]) => isTask(name) && TASKS[name].path in paths);
  for (const name of Object.keys(mix)) {
    if (!there.some(([task]) => task === name)) console.error(`${url} serves no ${name}: left out`);
  }
  if (there.length === 0) throw new UsageError(`${url} serves none of ${Object.keys(mix).join(", ")}`);
  return Object.fromEntries(there);
}

/** Resolves at the first Ctrl-C, or when the time is over. */
function ending(seconds: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
    if (seconds !== undefined) void delay(seconds * 1_000, undefined, { ref: false }).then(resolve);
  });
}

async function main(): Promise<void> {
  const { help, seconds, ...options } = readArguments();
  if (help) return console.log(USAGE);
  const mix = await served(options.url, options.mix);
  const report = new LoadReport();
  const load = startLoad({ ...options, mix, onResult: (result) => report.add(result) });
  console.log(`${options.ratePerSecond} requests a second to ${options.url} (${mixText(mix)}); stop with Ctrl-C`);
  const timer = setInterval(() => console.log(report.line(load.inFlight)), REPORT_SECONDS * 1_000);
  await ending(seconds);
  clearInterval(timer);
  await load.stop(GRACE_SECONDS * 1_000);
  console.log(`\n${report.summary()}`);
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof UsageError ? `${thrown.message}\n\n${USAGE}` : thrown);
  process.exitCode = 1;
});
