import { BACKEND_RULES, PROXY_KEEP_ALIVE_RULE, SCHEME_RULE } from "./rules/backends";
import { CHANGE_RULES } from "./rules/changes";
import { CLUSTER_RULES } from "./rules/cluster";
import { DATA_RULES } from "./rules/data";
import { EDGE_RULES } from "./rules/edge";
import { GPU_MACHINE_RULES } from "./rules/gpu-machines";
import { IDENTITY_RULES } from "./rules/identity";
import { LABEL_RULES } from "./rules/labels";
import { MACHINE_RULES } from "./rules/machines";
import { NETWORK_RULES } from "./rules/network";
import type { PolicyRule } from "./rules/rule";

/** Everything that must hold in every environment. */
export const RULES: readonly PolicyRule[] = [
  ...GPU_MACHINE_RULES,
  ...MACHINE_RULES,
  ...BACKEND_RULES,
  SCHEME_RULE,
  PROXY_KEEP_ALIVE_RULE,
  ...EDGE_RULES,
  ...NETWORK_RULES,
  ...IDENTITY_RULES,
  ...DATA_RULES,
  ...LABEL_RULES,
  ...CLUSTER_RULES,
  ...CHANGE_RULES,
];
