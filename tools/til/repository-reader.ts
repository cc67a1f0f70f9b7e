import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FoundRepository } from "./find-repository";
import { type GitOutput, git } from "./git";
import { reading } from "./git-environment";

/** Bytes of git's output that are read. */
const MAX_LOG_BYTES = 32 * 1024 * 1024;

/**
 * Reads a repository's history through an empty git directory that borrows its objects. What git prints, and which
 * programs it runs for that, is set by some eighty variables of the system's, the user's, the repository's and the
 * environment's configuration; here none of them exists, and what is in nobody's configuration is git's default.
 * - A repository may be a stranger's: no differ, converter, merge driver, watcher, pager or fetch that it names is run.
 * - Neither replacements nor grafts count, and nothing that is missing is fetched.
 * - Remerging writes objects: here, so that the repository may be read-only.
 */
export class RepositoryReader {
  readonly #home = mkdtempSync(join(tmpdir(), "terrace-til-git-"));
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(repository: FoundRepository, environment: NodeJS.ProcessEnv) {
    const { root, isBare } = repository;
    const gitDirectory = join(this.#home, "git");
    this.#folder = isBare ? this.#home : root;
    this.#environment = reading(environment, {
      home: this.#home,
      gitDirectory,
      workTree: isBare ? undefined : root,
    });
    makeGitDirectory(gitDirectory, repository);
  }

  /** `git log` from what is checked out. */
  log(args: readonly string[]): Promise<GitOutput> {
    return git({
      folder: this.#folder,
      args: ["log", ...args, "--"],
      environment: this.#environment,
      maxBytes: MAX_LOG_BYTES,
    });
  }

  close(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** https://git-scm.com/docs/gitrepository-layout: what git needs to take a folder for a git directory, and no more. */
function makeGitDirectory(folder: string, repository: FoundRepository): void {
  const { head, objects, objectFormat, boundary, isBare } = repository;
  for (const name of ["objects/info", "refs"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "HEAD"), `${head ?? "ref: refs/heads/unborn"}\n`);
  writeFileSync(join(folder, "objects/info/alternates"), `${JSON.stringify(objects)}\n`);
  const isSha1 = objectFormat === "sha1";
  const config = [
    "[core]",
    `repositoryFormatVersion = ${isSha1 ? 0 : 1}`,
    `bare = ${isBare}`,
    "quotePath = false",
    ...(isSha1 ? [] : ["[extensions]", `objectFormat = ${objectFormat}`]),
  ];
  writeFileSync(join(folder, "config"), `${config.join("\n")}\n`);
  if (boundary.length > 0) writeFileSync(join(folder, "shallow"), `${boundary.join("\n")}\n`);
}
