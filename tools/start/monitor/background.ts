import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { MonitorError } from "./monitor-programs";

export interface BackgroundOptions {
  /** As messages name it, such as `Prometheus`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where all that it prints goes; what is there is replaced. */
  readonly logFile: string;
  /** Answers 2xx once it works. */
  readonly readyUrl: string;
  /** @default this process' own */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** A program that runs beside this one. */
export interface Background {
  readonly name: string;
  readonly pid: number;
  /** Resolves with its exit code, or the signal's name, when it ended. */
  readonly ended: Promise<number | string>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Sends SIGTERM, after 10 s SIGKILL, and resolves when it ended. */
  readonly stop: () => Promise<void>;
}

const READY_SECONDS = 30;
/** Prometheus writes what it holds in memory first. */
const STOP_SECONDS = 10;
const POLL_MS = 50;

/**
 * Starts a program and resolves when it works. It has a process group of its own, so that a terminal's Ctrl-C does not
 * end it before those that need it; it is ended with this process at the latest.
 * @throws MonitorError with the log's last lines where it does not come up
 */
export async function startInBackground(options: BackgroundOptions): Promise<Background> {
  const { name, command, args, logFile, env = process.env, cwd } = options;
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "w");
  const child = spawn(command, args, { detached: true, stdio: ["ignore", log, log], env: { ...env }, cwd });
  closeSync(log);
  const kill = (signal: NodeJS.Signals) => void child.kill(signal);
  const endWithThis = () => kill("SIGTERM");
  process.once("exit", endWithThis);
  const ended = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? String(signal)));
    // Not started at all.
    child.once("error", (error) => resolve(error.message));
  }).finally(() => process.off("exit", endWithThis));

  async function stop(): Promise<void> {
    kill("SIGTERM");
    const timer = setTimeout(() => kill("SIGKILL"), STOP_SECONDS * 1_000);
    await ended;
    clearTimeout(timer);
  }

  const decided = new AbortController();
  const outcome = await Promise.race([ended, untilReady(options.readyUrl, decided.signal)]);
  decided.abort();
  if (outcome === "ready") return { name, pid: child.pid ?? 0, ended, kill, stop };
  await stop();
  const why = outcome === "late" ? `does not answer at ${options.readyUrl}` : `ended (${outcome})`;
  throw new MonitorError(`${name} ${why}; ${logFile} says:\n${lastLines(logFile)}`);
}

async function untilReady(url: string, decided: AbortSignal): Promise<"late" | "ready"> {
  const deadline = Date.now() + READY_SECONDS * 1_000;
  while (Date.now() < deadline && !decided.aborted) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok === true) return "ready";
    await delay(POLL_MS);
  }
  return "late";
}

function lastLines(logFile: string): string {
  return readFileSync(logFile, "utf8").trim().split("\n").slice(-3).join("\n");
}
