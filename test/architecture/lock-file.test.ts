import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { readProjectFile } from "../docs/files";

const names = z.record(z.string(), z.string()).default({});
const lockFile = z.object({ packages: z.record(z.string(), z.object({ optionalDependencies: names })) });
type Packages = z.infer<typeof lockFile>["packages"];

/** Optional packages, mostly one for each platform, that an entry names and the file has no entry for. */
function missing(packages: Packages): readonly string[] {
  const present = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)));
  return Object.values(packages)
    .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies))
    .filter((name) => !present.has(name));
}

describe("package-lock.json", () => {
  const { packages } = lockFile.parse(JSON.parse(readProjectFile("package-lock.json")));

  it("has the packages of every platform, so that npm ci works on each", () => {
    expect(missing(packages)).toEqual([]);
  });

  it("is incomplete where npm install on one platform has dropped another's package", () => {
    const darwin = "node_modules/@biomejs/cli-darwin-arm64";
    expect(Object.keys(packages)).toContain(darwin);
    const { [darwin]: _, ...rest } = packages;
    expect(missing(rest)).toEqual(["@biomejs/cli-darwin-arm64"]);
  });
});
