import { planEngine } from "../../planning/capacity";
import type { SettingsProblem } from "../schema/problems";
import type { GroupSettings } from "../schema/settings";
import { rule } from "./rule";

/** Each engine's weights fit its share of the GPU, and its batch fits the KV cache that is left. */
const engines = rule(["groups"], ({ groups }) =>
  groups.flatMap((group, g) =>
    group.engines.flatMap((engine, e): SettingsProblem[] => {
      const path = `groups[${g}].engines[${e}]`;
      const plan = planEngine(engine);
      if (!plan.fits) {
        return [
          {
            path,
            value: engine.model,
            rule: `does not fit: ${plan.reason}`,
            fix: "raise memoryShare, lower maxModelLen, or place the model on a GPU of its own",
          },
        ];
      }
      if (engine.maxNumSeqs <= plan.maxConcurrentSequences) return [];
      return [
        {
          path: `${path}.maxNumSeqs`,
          value: engine.maxNumSeqs,
          rule: `is beyond the KV budget: ${mib(plan.kvCacheBytes)} of cache hold ${plan.maxConcurrentSequences} sequences of ${engine.contextTokens} tokens (${mib(plan.kvBytesPerSequence)} each)`,
          fix: `lower it to ${plan.maxConcurrentSequences}, or plan with fewer contextTokens`,
        },
      ];
    }),
  ),
);

/** vLLM leaves a little of the GPU to the driver; more than this share fails at start-up. */
const LARGEST_SHARE = 0.95;

/** The engines of one GPU share its memory. */
const sharesPerGpu = rule(["groups"], ({ groups }) =>
  groups.flatMap((group, g) =>
    [...sharesOf(group)]
      .filter(([, share]) => share > LARGEST_SHARE + Number.EPSILON * 8)
      .map(([gpu, share]) => ({
        path: `groups[${g}].engines`,
        value: Number(share.toFixed(2)),
        rule: `take ${(share * 100).toFixed(0)} % of GPU ${gpu} together, which holds 24 GB; at most ${LARGEST_SHARE * 100} % may be planned`,
        fix: "lower a memoryShare, or place one model on another GPU",
      })),
  ),
);

function sharesOf(group: GroupSettings): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  for (const { gpu, memoryShare } of group.engines) shares.set(gpu, (shares.get(gpu) ?? 0) + memoryShare);
  return shares;
}

/** One engine a model and group: the app routes by model name. */
const modelOnce = rule(["groups"], ({ groups }) =>
  groups.flatMap((group, g) =>
    group.engines.flatMap((engine, e) =>
      group.engines.findIndex((other) => other.model === engine.model) === e
        ? []
        : [
            {
              path: `groups[${g}].engines[${e}].model`,
              value: engine.model,
              rule: "is placed on this group already",
              fix: "place a model once a group; add a VM for more capacity",
            },
          ],
    ),
  ),
);

function mib(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
}

export const capacityRules = [engines, sharesPerGpu, modelOnce];
