import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROGRAM } from "./program";

/** A part of the control plane, as a process of its own. */
export interface ControlPlanePart {
  readonly name: string;
  /** Its exit code, or the signal's name; `undefined` while it runs. */
  readonly exit: () => number | string | undefined;
  /** The end of what it has printed. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

const LOG_LINES = 15;

/**
 * Starts a part. It ends with its standard input, so it never outlives this process, and a process group of its own
 * keeps a terminal's Ctrl-C from ending it before its callers.
 * @param folder where its log goes
 */
export function startPart(name: string, args: readonly string[], folder: string): ControlPlanePart {
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, "w");
  const child = spawn(PROGRAM, [name, ...args], { cwd: folder, detached: true, stdio: ["pipe", log, log] });
  closeSync(log);
  // A write to a process that has ended is no error of the tests: nothing is written.
  child.stdin?.on("error", () => {});
  let exit: number | string | undefined;
  const ended = new Promise<void>((resolve) => {
    const end = (how: number | string) => {
      exit = how;
      resolve();
    };
    child.once("exit", (code, signal) => end(code ?? String(signal)));
    child.once("error", (error) => end(error.message));
  });
  return {
    name,
    exit: () => exit,
    log: () => readFileSync(logFile, "utf8").trim().split("\n").slice(-LOG_LINES).join("\n"),
    async stop() {
      child.stdin?.end();
      await ended;
    },
  };
}
