import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { planEngine } from "../../planning/capacity";
import { documentedConcurrency } from "./documented-concurrency";

const page = readFileSync(join(__dirname, "../../docs/capacity.md"), "utf8");
const figure = (value: number) => value.toLocaleString("en-US");

describe("docs/capacity.md", () => {
  it.each([512, 768, 1024, 2048, 4096])("says what planEngine says of %d tokens a sequence", (contextTokens) => {
    const plan = planEngine({ model: "gemma3-12b-it-gptq", memoryShare: 0.9, contextTokens, maxModelLen: 4096 });
    if (!plan.fits) throw new Error(plan.reason);
    const mib = plan.kvBytesPerSequence / 1024 ** 2;
    const together = Math.round(plan.decodeTokensPerSecondCeiling);
    expect(page).toContain(`| ${figure(contextTokens)} | ${mib} MiB | ${plan.maxConcurrentSequences} | ${together} |`);
  });

  it("says where the 30 concurrent requests of R-2 hold", () => {
    for (const { holdsUpToTokens, decodeTokensPerSecondEach } of documentedConcurrency()) {
      expect(page).toMatch(
        new RegExp(
          `\\| ${figure(holdsUpToTokens)} tokens[^|]*\\| ${decodeTokensPerSecondEach.toFixed(1)} tokens/s \\|`,
        ),
      );
    }
  });
});
