import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { z } from "zod";
import { clusterRollout, clusterUnit } from "../../environment/cluster-unit";
import { environmentOf } from "../../environment/environment";
import { longestApplySeconds } from "../../planning/apply-times";
import { STACKS } from "../../stacks/terrace-stack";
import { readProjectFile } from "../docs/files";
import { settingsOf } from "../support/environments";

/** After which GitHub ends a job, whatever it says. https://docs.github.com/actions/reference/limits */
const LONGEST_JOB_MINUTES = 360;
/** Seconds for what comes before the first stack: packages and the image. */
const BEFORE_SECONDS = 30 * 60;

const workflow = z.object({
  jobs: z.object({
    deploy: z.object({
      "timeout-minutes": z.int(),
      steps: z.array(
        z.object({
          run: z.string().default(""),
          env: z.record(z.string(), z.union([z.string(), z.int()])).default({}),
        }),
      ),
    }),
  }),
});

/** Seconds that the stacks of a `cdktf deploy` may take, one after the other. */
function longestSeconds(command: string): number {
  const environment = environmentOf(settingsOf("production"));
  const { kubernetes } = environment.settings;
  const rollout = kubernetes === null ? null : clusterRollout(clusterUnit(environment, kubernetes), kubernetes);
  return STACKS.filter((kind) => new RegExp(`production-${kind}(?![a-z-])`).test(command))
    .map((kind) => longestApplySeconds(kind, rollout))
    .reduce((sum, seconds) => sum + seconds, 0);
}

describe("the job that deploys", () => {
  const { deploy } = workflow.parse(load(readProjectFile(".github/workflows/deploy.yml"))).jobs;
  const jobSeconds = deploy["timeout-minutes"] * 60;
  const [lasting, serving, ...more] = deploy.steps.filter(({ run }) => run.includes("cdktf deploy"));

  it("has as long as GitHub allows, and counts from its first step", () => {
    expect(deploy["timeout-minutes"]).toBe(LONGEST_JOB_MINUTES);
    expect(deploy.steps[0]?.run).toContain(`JOB_ENDS=$(($(date +%s) + ${jobSeconds}))`);
    expect(more).toEqual([]);
  });

  it("has the time for the stacks that it begins with", () => {
    expect(longestSeconds(lasting?.run ?? "")).toBeGreaterThan(0);
    expect(BEFORE_SECONDS + longestSeconds(lasting?.run ?? "")).toBeLessThan(jobSeconds);
  });

  it("begins with the others only where they can end", () => {
    expect(serving?.env.LONGEST_SECONDS).toBe(longestSeconds(serving?.run ?? ""));
    expect(serving?.run).toMatch(/^if \(\(\$\(date \+%s\) \+ LONGEST_SECONDS > JOB_ENDS\)\); then$/m);
    expect(BEFORE_SECONDS + longestSeconds(serving?.run ?? "")).toBeLessThan(jobSeconds);
  });
});
