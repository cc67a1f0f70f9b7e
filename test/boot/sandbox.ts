import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const SCRIPTS = join(__dirname, "../../boot");

/** Outcome of a finished script. */
export interface Finished {
  /** Exit status; `null` where a signal ended it. */
  readonly status: number | null;
  readonly log: string;
}

/** A running script. */
export interface Running {
  readonly finished: Promise<Finished>;
  /** Its output so far. */
  log(): string;
  /** Resolves once the log holds the text. */
  says(text: string): Promise<void>;
  kill(): void;
}

/**
 * A folder in which the real boot scripts run, with commands of the machine replaced by stubs that write down how they
 * were called.
 */
export class Sandbox {
  readonly directory = mkdtempSync(join(tmpdir(), "terrace-boot-"));
  private readonly children: ChildProcess[] = [];

  /** Absolute path of something in the sandbox. */
  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  exists(path: string): boolean {
    return existsSync(this.path(path));
  }

  /** A command on the PATH: notes its arguments in `calls`, then runs the given bash lines. */
  command(name: string, body = ""): void {
    this.program(`bin/${name}`, body);
  }

  /** The same, at any place. */
  program(path: string, body = ""): void {
    const name = path.split("/").at(-1);
    this.write(`${path}.new`, `#!/bin/bash\necho "${name} $*" >>"${this.path("calls")}"\n${body}\n`);
    chmodSync(this.path(`${path}.new`), 0o755);
    // A program that is running cannot be written to, but replaced.
    renameSync(this.path(`${path}.new`), this.path(path));
  }

  /** Every call of a stub so far, in order: name and arguments. */
  calls(): string[] {
    return this.exists("calls") ? this.read("calls").trimEnd().split("\n") : [];
  }

  /** Starts a boot script; failures are retried at once. */
  start(script: string, environment: Readonly<Record<string, string>>): Running {
    const child = spawn("/bin/bash", [join(SCRIPTS, script)], {
      env: { PATH: `${this.path("bin")}:${process.env.PATH}`, RETRY_FIRST_SECONDS: "0", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      // A process group of its own: what a killed script has started goes with it.
      detached: true,
    });
    this.children.push(child);
    let log = "";
    child.stdout.on("data", (chunk) => (log += chunk));
    child.stderr.on("data", (chunk) => (log += chunk));
    const finished = new Promise<Finished>((resolve) => {
      child.on("close", (status) => resolve({ status, log }));
    });
    const says = async (text: string) => {
      let running = true;
      void finished.then(() => (running = false));
      while (!log.includes(text)) {
        if (!running) throw new Error(`${script} ended without saying "${text}":\n${log}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    return { finished, log: () => log, says, kill: () => killGroup(child) };
  }

  run(script: string, environment: Readonly<Record<string, string>>): Promise<Finished> {
    return this.start(script, environment).finished;
  }

  remove(): void {
    for (const child of this.children) killGroup(child);
    // What was killed may be in the middle of a write.
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of the group is left.
  }
}
