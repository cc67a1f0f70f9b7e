import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { type GitOutput, git, gitWords, UserError } from "./git";
import { finding } from "./git-environment";

export interface FoundRepository {
  /** Its folder's, without the `.git` of a bare one. */
  readonly name: string;
  /** The work tree, or the git directory of a bare repository. */
  readonly root: string;
  readonly isBare: boolean;
  /** @default none: a detached HEAD */
  readonly branch: string | undefined;
  /** Commit that is checked out. @default none: nothing was committed */
  readonly head: string | undefined;
  /** Folder of its objects. */
  readonly objects: string;
  readonly objectFormat: string;
  /** Whether objects may be missing that git would fetch when it needs them. */
  readonly isPartial: boolean;
  /** Commits at which a shallow clone ends: their parents are missing. */
  readonly boundary: readonly string[];
}

/**
 * The repository that a folder is in.
 * @throws UserError where there is none, or git refuses it, in git's words
 */
export async function findRepository(folder: string, environment: NodeJS.ProcessEnv): Promise<FoundRepository> {
  const call = (...args: readonly string[]) => git({ folder, args, environment: finding(environment) });
  const directory = await call("rev-parse", "--absolute-git-dir");
  if (directory.code !== 0) throw new UserError(refusal(folder, directory));
  const answer = async (...args: readonly string[]) => firstLine(await call(...args));
  const path = async (name: string) => resolve(folder, (await answer("rev-parse", "--git-path", name)) ?? name);
  const isBare = (await answer("rev-parse", "--is-bare-repository")) === "true";
  const top = isBare ? undefined : await answer("rev-parse", "--show-toplevel");
  const root = top ?? firstLine(directory) ?? folder;
  return {
    name: nameOf(root),
    root,
    isBare: top === undefined,
    branch: await answer("symbolic-ref", "--quiet", "--short", "HEAD"),
    head: await answer("rev-parse", "--verify", "--quiet", "HEAD^{commit}"),
    objects: await path("objects"),
    objectFormat: (await answer("rev-parse", "--show-object-format")) ?? "sha1",
    isPartial: (await answer("config", "--get-regexp", String.raw`^remote\..*\.promisor$`, "true")) !== undefined,
    boundary: linesOf(await path("shallow")),
  };
}

/** The user's own address by git's configuration. */
export async function userEmail(folder: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const found = await git({ folder, args: ["config", "user.email"], environment: finding(environment) });
  const email = firstLine(found);
  if (email === undefined) throw new UserError("git does not know who you are: git config user.email is not set");
  return email;
}

function nameOf(root: string): string {
  const name = basename(root);
  return name === ".git" ? basename(dirname(root)) : name.replace(/\.git$/, "");
}

function refusal(folder: string, output: GitOutput): string {
  if (/not a git repository/.test(output.stderr)) return `${resolve(folder)} is not a git repository`;
  return `git refuses ${resolve(folder)}: ${gitWords(output)}`;
}

/** The first line that a command printed, or undefined where it failed or printed none. */
function firstLine({ code, stdout }: GitOutput): string | undefined {
  const [line = ""] = stdout.split("\n", 1);
  return code === 0 && line !== "" ? line : undefined;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    // A clone that is not shallow has none.
    return [];
  }
}
