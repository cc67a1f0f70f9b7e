import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { describeWith, runTool } from "../../../testing/programs";
import { readCommits } from "../../../tools/til/commits";
import { localDate } from "../../../tools/til/since";
import { ScratchRepository } from "./scratch-repository";

describeWith(["git"], "readCommits", () => {
  const home = mkdtempSync(join(tmpdir(), "terrace-commits-"));
  let shop: ScratchRepository;
  let byHand: string;
  let clean: string;
  let octopus: string;
  const read = (folder: string, more: { readonly author?: string; readonly since?: string } = {}, path?: string) =>
    readCommits(
      { folder, since: more.since ?? "yesterday", author: more.author },
      { ...shop.environment, ...(path !== undefined && { PATH: `${path}:${process.env.PATH}` }) },
    );
  const messages = async (...args: Parameters<typeof read>) =>
    (await read(...args)).commits.map(({ message }) => message);
  /** A folder with a program `git` that runs some shell first, and then git itself. */
  const wrappedGit = (name: string, shell: string) => {
    const folder = join(home, name);
    const real = runTool("/bin/sh", ["-c", "command -v git"]).output.trim();
    mkdirSync(folder);
    writeFileSync(join(folder, "git"), `#!/bin/sh\n${shell}\nexec ${real} "$@"\n`);
    chmodSync(join(folder, "git"), 0o755);
    return folder;
  };

  beforeAll(() => {
    shop = new ScratchRepository(home, "shop");
    shop.commit("Root", { "list.txt": "one\ntwo\nthree\n" });
    shop.git("switch", "-q", "-c", "side");
    shop.commit("Side", { "list.txt": "one\nside\nthree\n" }, "--author=Lee <lee@example.com>");
    shop.git("switch", "-q", "main");
    shop.commit("Main", { "list.txt": "one\nmain\nthree\n" });
    byHand = shop.mergeByHand("side", "By hand", { "list.txt": "one\nmain and side\nthree\n" });
    for (const name of ["a", "b", "c"]) {
      shop.git("switch", "-q", "-c", name, byHand);
      shop.commit(`Branch ${name}`, { [`${name}.txt`]: "1\n" });
    }
    shop.git("switch", "-q", "main");
    shop.git("merge", "-q", "--no-ff", "-m", "Clean", "a");
    clean = shop.git("rev-parse", "HEAD");
    shop.git("merge", "-q", "-m", "Octopus", "b", "c");
    octopus = shop.git("rev-parse", "HEAD");
  });
  afterAll(() => rmSync(home, { recursive: true }));

  it("includes how a merge resolved its conflict", async () => {
    const { commits } = await read(shop.path);
    const merge = commits.find(({ sha }) => sha === byHand);
    expect(merge?.files.map(({ filepath }) => filepath)).toEqual(["list.txt"]);
    expect(merge?.files[0]?.patch).toMatch(/^-<{7} .*\n-main\n-={7}\n-side\n->{7} .*\n\+main and side$/m);
  });

  it("names the merges that it leaves out", async () => {
    const { commits, notes } = await read(shop.path);
    expect(commits.map(({ message }) => message).sort()).toEqual(
      ["Branch a", "Branch b", "Branch c", "By hand", "Main", "Root", "Side"].sort(),
    );
    expect(notes).toEqual([
      `1 commit left out (${octopus.slice(0, 7)}): merges of more than two branches, whose own changes git does not print`,
      `1 commit left out (${clean.slice(0, 7)}): merges without changes of their own`,
    ]);
  });

  it("names all merges where git cannot print what they changed", async () => {
    const path = wrappedGit(
      "old-git",
      `case "$*" in *--diff-merges=remerge*) echo "fatal: unknown value for --diff-merges: remerge" >&2; exit 128 ;; esac`,
    );
    const { commits, notes } = await read(shop.path, {}, path);
    expect(commits.map(({ sha }) => sha)).not.toContain(byHand);
    expect(commits).toHaveLength(6);
    expect(notes.join("\n")).toMatch(/^2 commits left out \(\w{7}, \w{7}\): merges, .*: git 2\.35 or newer does$/m);
  });

  it("lists five hashes of a kind, and counts the others", async () => {
    const busy = new ScratchRepository(home, "busy");
    busy.commit("Root", { "a.txt": "1\n" });
    for (let index = 0; index < 7; index += 1) {
      busy.git("switch", "-q", "-c", `side-${index}`);
      busy.commit(`Side ${index}`, { [`${index}.txt`]: "1\n" });
      busy.git("switch", "-q", "main");
      busy.git("merge", "-q", "--no-ff", "-m", "Merge", `side-${index}`);
    }
    const { notes } = await read(busy.path);
    expect(notes).toEqual([expect.stringMatching(/^7 commits left out \((?:\w{7}, ){4}\w{7} and 2 more\): merges/)]);
  });

  it("leaves out the commits at which a shallow clone ends, and says how to have them", async () => {
    const clone = (depth: number) => {
      const folder = join(home, `depth-${depth}`);
      shop.git("clone", "-q", "--depth", String(depth), `file://${shop.path}`, folder);
      return folder;
    };
    const UNSHALLOW = "`git fetch --unshallow` fetches the rest, as does `fetch-depth: 0` in GitHub's checkout";
    await expect(read(clone(1))).rejects.toThrow(
      `1 commit left out (${octopus.slice(0, 7)}): here a shallow clone ends, and all files would seem to be added: ${UNSHALLOW}`,
    );
    const { commits, notes } = await read(clone(3));
    expect(commits.map(({ message }) => message).sort()).toEqual(["Branch b", "Branch c"]);
    expect(notes.join("\n")).toMatch(
      new RegExp(`^2 commits left out .*${byHand.slice(0, 7)}.*: here a shallow clone ends`, "m"),
    );
    expect(notes.join("\n")).toContain(`(${clean.slice(0, 7)}): merges, whose own changes a shallow clone cannot tell`);
  });

  it("reads a bare repository, under the name of its folder", async () => {
    shop.git("clone", "-q", "--bare", shop.path, join(home, "shop-copy.git"));
    expect(await read(join(home, "shop-copy.git"))).toEqual({ ...(await read(shop.path)), name: "shop-copy" });
  });

  it("reads a repository from a folder inside of it, a linked work tree, and a detached HEAD", async () => {
    const linked = join(home, "linked");
    shop.git("worktree", "add", "-q", "--detach", linked, byHand);
    mkdirSync(join(linked, "deep/er"), { recursive: true });
    const { name, branch, commits } = await read(join(linked, "deep/er"));
    expect({ name, branch }).toEqual({ name: "linked", branch: undefined });
    expect(commits.map(({ message }) => message)).toEqual(["Root", "Side", "Main", "By hand"]);
  });

  it("reads a repository of SHA-256 objects", async () => {
    const modern = new ScratchRepository(home, "modern", "--object-format=sha256");
    modern.commit("Root", { "a.txt": "1\n" });
    const { commits } = await read(modern.path);
    expect(commits).toMatchObject([{ sha: expect.stringMatching(/^[0-9a-f]{64}$/), files: [{ filepath: "a.txt" }] }]);
  });

  it("fetches nothing for a partial clone, and says how to have the rest", async () => {
    shop.git("config", "uploadpack.allowFilter", "true");
    const partial = join(home, "partial");
    shop.git("clone", "-q", "--no-checkout", "--filter=blob:none", `file://${shop.path}`, partial);
    const trap = join(home, "trap");
    const uploadPack = runTool("git", [
      "-C",
      partial,
      "config",
      "remote.origin.uploadpack",
      `touch ${trap}; git-upload-pack`,
    ]);
    expect(uploadPack.status).toBe(0);
    await expect(read(partial)).rejects.toThrow(
      `This clone is partial, and nothing is fetched here. This fetches what is missing: git -C '${partial}' fetch --refetch --no-filter`,
    );
    expect(existsSync(trap)).toBe(false);
    runTool("git", ["-C", partial, "config", "--unset", "remote.origin.uploadpack"]);
    expect(runTool("git", ["-C", partial, "fetch", "-q", "--refetch", "--no-filter"]).status).toBe(0);
    expect(await read(partial)).toMatchObject({ name: "partial", commits: (await read(shop.path)).commits });
  });

  it("passes on that git takes a repository for another user's, with git's own fix", async () => {
    const path = wrappedGit("strange-git", "export GIT_TEST_ASSUME_DIFFERENT_OWNER=1");
    await expect(read(shop.path, {}, path)).rejects.toThrow(
      /^git refuses .*: detected dubious ownership [\s\S]*git config --global --add safe\.directory .*shop$/,
    );
  });

  it("passes on git's words where a folder cannot be entered or read", async () => {
    await expect(read(join(home, "nowhere"))).rejects.toThrow(/^git refuses .*: cannot change to .*No such file/);
    const broken = new ScratchRepository(home, "broken");
    broken.git("config", "core.repositoryFormatVersion", "99");
    await expect(read(broken.path)).rejects.toThrow(/^git refuses .*: Expected git repo version <= 1, found 99/);
    await expect(read(home)).rejects.toThrow(/ is not a git repository$/);
  });

  it("leaves no folder of its own behind", async () => {
    const list = join(home, "directories");
    await read(shop.path, {}, wrappedGit("listing-git", `[ -z "$GIT_DIR" ] || echo "$GIT_DIR" >>${list}`));
    const directories = readFileSync(list, "utf8").trim().split("\n");
    expect(directories).toHaveLength(1);
    expect(directories.filter((directory) => existsSync(directory))).toEqual([]);
  });

  it("chooses commits by author", async () => {
    expect(await messages(shop.path, { author: "me" })).not.toContain("Side");
    expect(await messages(shop.path, { author: "lee@" })).toEqual(["Side"]);
    // Not an option of git, whatever it looks like.
    await expect(read(shop.path, { author: "--all" })).rejects.toThrow("no commits");
    shop.git("config", "--unset", "user.email");
    await expect(read(shop.path, { author: "me" })).rejects.toThrow("git config user.email is not set");
    shop.git("config", "user.email", "jimin@example.com");
  });

  describe("since a time", () => {
    it("begins a day at its beginning", async () => {
      const early = new ScratchRepository(home, "early");
      const today = localDate(new Date());
      early.environment.GIT_COMMITTER_DATE = `${today}T00:00:01`;
      early.commit("Early", { "a.txt": "1\n" });
      for (const since of ["today", today, today.replaceAll("-", "/")])
        expect(await messages(early.path, { since })).toEqual(["Early"]);
    });

    it("says what git takes it for where nothing is found", async () => {
      await expect(read(shop.path, { since: "tomorow" })).rejects.toThrow(
        /^no commits since tomorow in .* \(git takes "tomorow" for \d{4}-\d\d-\d\d \d\d:\d\d\)$/,
      );
      await expect(read(shop.path, { since: "2026-02-30" })).rejects.toThrow(
        "--since 2026-02-30: there is no such day",
      );
    });
  });

  it("names the newest two hundred where there are more", async () => {
    const long = new ScratchRepository(home, "long");
    const stream = Array.from(
      { length: 201 },
      (_, index) =>
        `commit refs/heads/main\ncommitter Kim <k@example.com> ${Math.floor(Date.now() / 1000) - 300 + index} +0000\ndata 1\nm\n`,
    ).join("");
    writeFileSync(join(home, "stream"), stream);
    expect(runTool("/bin/sh", ["-c", `git -C ${long.path} fast-import --quiet <${join(home, "stream")}`]).status).toBe(
      0,
    );
    const { commits, notes } = await read(long.path);
    expect(commits).toHaveLength(200);
    expect(notes).toEqual(["only the newest 200 commits are sent"]);
    expect(commits.map(({ sha }) => sha)).not.toContain(long.git("rev-list", "--max-parents=0", "HEAD"));
  });
});
