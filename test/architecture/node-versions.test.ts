import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { z } from "zod";
import { readProjectFile } from "../docs/files";

/** What a pattern finds in a file, each as a whole number. */
function majors(path: string, pattern: RegExp): readonly number[] {
  return [...readProjectFile(path).matchAll(pattern)].map(([, major]) => Number(major));
}

const ci = z.object({
  jobs: z.object({ test: z.object({ strategy: z.object({ matrix: z.object({ node: z.array(z.int()) }) }) }) }),
});
const manifest = z.object({ engines: z.object({ node: z.string().regex(/^>=\d+\./) }) });

describe("the versions of Node", () => {
  const [oldest, newest, ...others] = ci.parse(load(readProjectFile(".github/workflows/ci.yml"))).jobs.test.strategy
    .matrix.node;

  it("are tested from the oldest that the packages allow to that of the image", () => {
    const engines = ["package.json", "app/package.json"].map(
      (path) => manifest.parse(JSON.parse(readProjectFile(path))).engines.node,
    );
    expect(new Set(engines)).toEqual(new Set([`>=${oldest}.19`]));
    expect(majors("app/Dockerfile", /_IMAGE=node:(\d+)-/g)).toEqual([newest, newest]);
    expect(others).toEqual([]);
  });

  it("are one in the image that is deployed and in the one that CI builds", () => {
    expect(majors(".ci/run", /^IMAGE_NODE=(\d+)\.\d+\.\d+$/gm)).toEqual([newest]);
  });
});
