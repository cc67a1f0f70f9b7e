import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A git repository made by a test, under nobody's configuration. */
export class ScratchRepository {
  readonly path: string;
  /** Of its own git calls, and for those of the code under test. */
  readonly environment: NodeJS.ProcessEnv;

  /** @param home folder in which it is made, and the home of its user */
  constructor(home: string, name: string, ...flags: readonly string[]) {
    this.path = join(home, name);
    const others = Object.entries(process.env).filter(([variable]) => !variable.startsWith("GIT_"));
    this.environment = {
      ...Object.fromEntries(others),
      HOME: home,
      XDG_CONFIG_HOME: join(home, "config"),
      GIT_CONFIG_NOSYSTEM: "1",
    };
    mkdirSync(this.path, { recursive: true });
    this.git("init", "-q", "-b", "main", ...flags);
    this.git("config", "user.name", "Kim Jimin");
    this.git("config", "user.email", "jimin@example.com");
  }

  git(...args: readonly string[]): string {
    const options = { cwd: this.path, env: this.environment, stdio: "pipe", encoding: "utf8" } as const;
    return execFileSync("git", args, options).trim();
  }

  write(files: Readonly<Record<string, string | Buffer>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true });
      writeFileSync(join(this.path, path), content);
    }
  }

  /** @returns its hash */
  commit(message: string, files: Readonly<Record<string, string | Buffer>>, ...flags: readonly string[]): string {
    this.write(files);
    this.git("add", "-A");
    this.git("commit", "-q", "--allow-empty", "-m", message, ...flags);
    return this.git("rev-parse", "HEAD");
  }

  /** Merges a branch that changed the same line, and resolves the conflict by the given files. @returns its hash */
  mergeByHand(branch: string, message: string, files: Readonly<Record<string, string>>): string {
    try {
      this.git("merge", "-q", branch);
    } catch {
      return this.commit(message, files);
    }
    throw new Error(`${branch} merges without a conflict`);
  }
}
