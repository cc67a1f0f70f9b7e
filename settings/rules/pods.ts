import { podPlacement } from "../../planning/pod-placement";
import { rule } from "./rule";

/**
 * A gateway beside its engine waits for every model, and a pod whose gateway waits is not ready. With one model each pod
 * waits for itself; with two, the pods would wait for each other for ever.
 */
export const podRules = [
  rule(["kubernetes", "groups"], ({ kubernetes, groups }) => {
    const models = podPlacement(groups[0]?.engines ?? []).length;
    if (!kubernetes?.gateway.besideEngine || models === 1) return [];
    return [
      {
        path: "kubernetes.gateway.besideEngine",
        value: true,
        rule: `needs one model, and the cluster runs ${models}: each pod's gateway would wait for the other pods' models`,
        fix: "leave it out, or place one model in the first group",
      },
    ];
  }),
];
