import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandOf, isAlive } from "../../process-identity";
import type { PostgresLogin } from "../database";
import type { PostgresBinaries } from "./binaries";
import type { ServerAccount } from "./server-account";

export interface ClusterOptions {
  readonly binaries: PostgresBinaries;
  /** Folder of the cluster, made where it does not exist. An absolute path. */
  readonly folder: string;
  /** @default the account of this process */
  readonly account?: ServerAccount | undefined;
  readonly maxConnections: number;
  /** Further settings, e.g. `fsync=off`. @default none */
  readonly settings?: readonly string[];
}

/**
 * Milliseconds. Recovery after an unclean stop replays the log since the last checkpoint, seconds for a day's notes.
 */
const START_TIMEOUT_MS = 30_000;
/** How the names of sockets' folders begin. */
const SOCKET_FOLDER = join(tmpdir(), "terrace-postgres-");
/** The cluster's only user, which owns everything. */
const USER = "terrace";

/** Processes of the server before still use the cluster. A server that is killed leaves some for a moment. */
export class ClusterInUseError extends Error {
  override readonly name = "ClusterInUseError";
}

/** What PostgreSQL says then, in English by `LC_ALL=C`: the old server's number is taken, or its shared memory. */
const IN_USE = /lock file "postmaster\.pid" already exists|pre-existing shared memory block .* is still in use/;

/**
 * A PostgreSQL server of our own. It listens on a Unix socket in a folder that only its account may enter, and on no
 * port: there is no password to choose, to keep or to guess, and no port to be taken.
 */
export class Cluster {
  readonly #options: ClusterOptions;
  #server: ChildProcess | undefined;
  #socketFolder: string | undefined;
  /** Where this process ends without {@link stop}, the server still gets its signal to end. */
  readonly #endWithUs = () => void this.#server?.kill("SIGINT");

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** @throws Error before {@link start} */
  get login(): PostgresLogin {
    if (this.#socketFolder === undefined) throw new Error("the cluster is not started");
    return { host: this.#socketFolder, user: USER, database: "postgres" };
  }

  /** Process id of the server. */
  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /** Resolves when the server is gone, for whatever reason; at once where none runs. */
  get ended(): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
    return once(server, "exit").then(() => {});
  }

  async isInitialised(): Promise<boolean> {
    return (await this.#read("PG_VERSION")) !== undefined;
  }

  /** Makes the files of an empty cluster (0.6 s), under another name until they are complete. */
  async initialise(): Promise<void> {
    const { binaries, folder, settings = [] } = this.#options;
    const making = `${folder}.new`;
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true, mode: 0o700 });
    await this.#own(making);
    const noSync = settings.includes("fsync=off") ? ["--no-sync"] : [];
    const flags = [`--username=${USER}`, "--auth=trust", "--encoding=UTF8", "--locale=C", ...noSync];
    await this.#run(binaries.initdb, [`--pgdata=${making}`, ...flags]);
    await rename(making, folder);
  }

  /** @throws ClusterInUseError, or Error with the server's own last lines */
  async start(): Promise<void> {
    const { binaries, folder, maxConnections, settings = [] } = this.#options;
    // A path in DATA_DIR can be longer than the 107 bytes that a socket's may have.
    this.#socketFolder ??= await mkdtemp(SOCKET_FOLDER);
    await this.#own(this.#socketFolder);
    const all = [
      "listen_addresses=",
      `unix_socket_directories=${this.#socketFolder}`,
      "unix_socket_permissions=0700",
      `max_connections=${maxConnections}`,
      "log_min_messages=warning",
      ...settings,
    ];
    // Its own process group: Ctrl-C on a terminal goes to the whole group, and requests in flight still need the database.
    const server = spawn(binaries.postgres, ["-D", folder, ...all.flatMap((setting) => ["-c", setting])], {
      ...this.#options.account,
      cwd: "/",
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: process.env.PATH, LC_ALL: "C" },
    });
    this.#server = server;
    process.off("exit", this.#endWithUs).on("exit", this.#endWithUs);
    await untilReady(server);
    // Its log is of no use to who reads ours, but a full pipe would block the server.
    server.stderr?.resume();
  }

  /** Rolls open transactions back, writes everything out and ends. */
  async stop(): Promise<void> {
    const ended = this.ended;
    this.#server?.kill("SIGINT");
    await ended;
    this.#server = undefined;
    process.off("exit", this.#endWithUs);
    if (this.#socketFolder !== undefined) await rm(this.#socketFolder, { recursive: true, force: true });
    this.#socketFolder = undefined;
  }

  /** Stops a server of this cluster whose starter is gone. Nothing to do where none runs. */
  async stopOrphan(): Promise<void> {
    // https://www.postgresql.org/docs/18/storage-file-layout.html: the first line is its id, the fifth its socket's folder.
    const [pid, , , , socketFolder] = (await this.#read("postmaster.pid"))?.split("\n") ?? [];
    if (socketFolder?.startsWith(SOCKET_FOLDER)) await rm(socketFolder, { recursive: true, force: true });
    const { binaries, folder } = this.#options;
    const command = isAlive(Number(pid)) ? commandOf(Number(pid)) : "";
    if (command === "") return;
    if (!command.includes(folder)) {
      // After a reboot the number is another program's, for which a server would take this for its predecessor's.
      await rm(join(folder, "postmaster.pid"), { force: true });
      return;
    }
    await this.#run(binaries.pgCtl, ["stop", "-D", folder, "-m", "fast", "-w", "-t", "30"]);
  }

  async #read(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#options.folder, name), "utf8");
    } catch {
      return undefined;
    }
  }

  async #own(folder: string): Promise<void> {
    const { account } = this.#options;
    await chmod(folder, 0o700);
    if (account !== undefined) await chown(folder, account.uid, account.gid);
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    const child = spawn(program, args, {
      ...this.#options.account,
      cwd: "/",
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: process.env.PATH, LC_ALL: "C" },
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const [code]: unknown[] = await once(child, "close");
    if (code !== 0) throw new Error(`${program} failed: ${said.trim()}`);
  }
}

/** Resolves when the server logs that it takes connections. */
async function untilReady(server: ChildProcess): Promise<void> {
  const { stderr } = server;
  if (stderr === null) throw new Error("the server's log cannot be read");
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      server.kill("SIGINT");
      reject(new Error(`PostgreSQL did not start within ${START_TIMEOUT_MS / 1000} s: ${said.trim()}`));
    }, START_TIMEOUT_MS);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      stderr.removeAllListeners("data");
      act();
    };
    stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("database system is ready to accept connections")) settle(resolve);
    });
    server.once("error", (error) => settle(() => reject(error)));
    // With all that it wrote: "exit" may come before its last lines.
    server.once("close", () => settle(() => reject(startFailure(said.trim()))));
  });
}

function startFailure(said: string): Error {
  const message = `PostgreSQL did not start: ${said}`;
  return IN_USE.test(said) ? new ClusterInUseError(message) : new Error(message);
}
