import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { describeWith } from "../../../testing/programs";
import { readCommits } from "../../../tools/til/commits";
import type { Repository } from "../../../tools/til/repository";
import {
  HOSTILE_CONFIGURATIONS,
  HOSTILE_FILES,
  type HostileConfiguration,
  type Surroundings,
  trapOf,
} from "./hostile-configurations";
import { ScratchRepository } from "./scratch-repository";

const LINES = ["one() {", "", "  a", "  b", "  c", "}", "", "two() {", "  a", "  b", "  c", "  d", "}", ""];
const text = (change: Readonly<Record<number, string>> = {}) =>
  LINES.map((line, index) => change[index] ?? line).join("\n");

/** Commits whose print depends on every setting of the table. */
function makeHistory(repository: ScratchRepository): void {
  repository.commit("First", {
    ".gitattributes": "*.own diff=own merge=own\n",
    ".mailmap": "Kim Jimin <jimin@example.com> <old@example.com>\n",
    "code.own": text(),
    "src/코드 a.ts": text(),
    "node_modules/x/index.js": text(),
    "picture.bin": Buffer.from([0, 1, 2, 0]),
  });
  repository.commit("Old address", { "a.md": "a\n" }, "--author=Kim <old@example.com>");
  repository.git("mv", "src/코드 a.ts", "src/코드 b.ts");
  repository.commit("Rename and copy", { "copy.md": "a\n", "code.own": text({ 2: "  A", 11: "  D" }) });
  const message = join(repository.path, ".git/message");
  writeFileSync(message, Buffer.from("c7d1b1db", "hex"));
  repository.git("-c", "i18n.commitEncoding=EUC-KR", "commit", "-q", "--allow-empty", "-F", message);
  repository.git("switch", "-q", "-c", "side");
  repository.commit("Side", { "code.own": text({ 2: "  side" }), "side.md": "s\n" });
  repository.git("switch", "-q", "main");
  repository.commit("Main", { "code.own": text({ 2: "  main" }), "src/코드 b.ts": `new() {\n}\n\n${text()}` });
  repository.mergeByHand("side", "By hand", { "code.own": text({ 2: "  both" }) });
}

function apply(repository: ScratchRepository, { local = [], files = {} }: HostileConfiguration): () => void {
  const config = join(repository.path, ".git/config");
  const before = readFileSync(config, "utf8");
  for (const setting of local) {
    const at = setting.indexOf("=");
    repository.git("config", setting.slice(0, at), setting.slice(at + 1));
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(repository.path, ".git", path)), { recursive: true });
    writeFileSync(join(repository.path, ".git", path), content);
  }
  return () => {
    writeFileSync(config, before);
    for (const path of Object.keys(files)) rmSync(join(repository.path, ".git", path));
  };
}

describeWith(["git"], "readCommits under a configuration of the user's", () => {
  const home = mkdtempSync(join(tmpdir(), "terrace-hostile-"));
  let repository: ScratchRepository;
  let surroundings: Surroundings;
  let clean: Repository;
  const read = (environment: NodeJS.ProcessEnv = {}) => {
    const query = { folder: join(repository.path, "src"), since: "yesterday", author: "jimin@example.com" };
    return readCommits(query, { ...repository.environment, ...environment });
  };

  beforeAll(async () => {
    for (const [name, content] of Object.entries(HOSTILE_FILES)) writeFileSync(join(home, name), content);
    repository = new ScratchRepository(home, "shop");
    makeHistory(repository);
    new ScratchRepository(home, "other").commit("Of another repository", { "other.ts": "1\n" });
    surroundings = {
      home,
      head: repository.git("rev-parse", "HEAD"),
      root: repository.git("rev-list", "--max-parents=0", "HEAD"),
      impostor: repository.git("commit-tree", "-m", "Impostor", "HEAD^{tree}"),
    };
    clean = await read();
  });
  afterAll(() => rmSync(home, { recursive: true }));

  it("reads all of the history where nothing is configured", () => {
    expect(clean.name).toBe("shop");
    expect(clean.notes).toEqual([]);
    expect(clean.commits.map(({ message, files }) => [message, files.map(({ filepath }) => filepath)])).toEqual([
      ["First", [".gitattributes", ".mailmap", "code.own", "node_modules/x/index.js", "picture.bin", "src/코드 a.ts"]],
      ["Old address", ["a.md"]],
      ["Rename and copy", ["code.own", "copy.md", "src/코드 b.ts"]],
      ["한글", []],
      ["Side", ["code.own", "side.md"]],
      ["Main", ["code.own", "src/코드 b.ts"]],
      ["By hand", ["code.own"]],
    ]);
  });

  it.each(Object.keys(HOSTILE_CONFIGURATIONS))("reads the same, and runs nothing, under %s", async (name) => {
    const configuration = HOSTILE_CONFIGURATIONS[name]?.(surroundings) ?? {};
    const undo = apply(repository, configuration);
    try {
      expect(await read(configuration.environment)).toEqual(clean);
      expect(existsSync(trapOf(home))).toBe(false);
    } finally {
      undo();
      rmSync(trapOf(home), { force: true });
    }
  });

  it("is tried under more than thirty of them", () => {
    expect(Object.keys(HOSTILE_CONFIGURATIONS).length).toBeGreaterThan(30);
  });
});
