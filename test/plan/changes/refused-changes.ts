import type { SettingsInput } from "../../../settings/schema/settings";
import type { StackKind } from "../../../stacks/terrace-stack";
import {
  ai1,
  ai2,
  generous,
  naming,
  production,
  threeGroups,
  threeVms,
  vms,
  withGroups,
  withMachines,
} from "./settings";

export interface RefusedChange {
  /** As a sentence. */
  readonly change: string;
  readonly before: SettingsInput;
  readonly after: SettingsInput;
  /** What the errors of each stack that refuses say, one pattern an error. */
  readonly says: Readonly<Partial<Record<StackKind, readonly RegExp[]>>>;
}

const type48: SettingsInput = { ...generous, machine: { ...production.machine, type: "g2-standard-48" } };

/** What Terraform refuses to plan. */
export const REFUSED_CHANGES: readonly RefusedChange[] = [
  {
    change: "the machine type of all groups changes at once",
    before: generous,
    after: type48,
    says: {
      "vm-serving": [
        /machine\.type of ai-1: g2-standard-24 is applied, and the settings have g2-standard-48\. .*changing: \{ kind: "group", name: "ai-1" \}/,
        /machine\.type of ai-2: g2-standard-24 is applied, and the settings have g2-standard-48\. .*changing: \{ kind: "group", name: "ai-2" \}/,
      ],
    },
  },
  {
    change: "the machine type of all groups changes and one is named",
    before: generous,
    after: naming("ai-1", type48),
    says: { "vm-serving": [/machine\.type of ai-2: g2-standard-24 is applied/] },
  },
  {
    change: "the boot disk of another group than the named one grows",
    before: production,
    after: naming("ai-1", withMachines(production, undefined, { bootDiskGb: 300 })),
    says: { "vm-serving": [/machine\.bootDiskGb of ai-2: 200 GB is applied, and the settings have 300 GB/] },
  },
  {
    change: "a VM leaves unnamed",
    before: threeVms,
    after: generous,
    says: {
      "vm-serving": [/VMs of ai-1: llm-vm-1 \(standard\), llm-vm-3 \(standard\) is applied.*npm run ops -- drain/],
    },
  },
  {
    change: "a VM is renamed unnamed",
    before: production,
    after: withGroups(ai1, { ...ai2, instances: vms("llm-vm-4") }),
    says: { "vm-serving": [/VMs of ai-2: llm-vm-2 \(standard\) is applied, and the settings have llm-vm-4/] },
  },
  {
    change: "a group is renamed unnamed",
    before: production,
    after: withGroups(ai1, { ...ai2, name: "ai-b" }),
    says: { "vm-serving": [/groups: ai-1 \(unmanaged\), ai-2 \(unmanaged\) is applied.*ai-b/] },
  },
  {
    change: "a group leaves unnamed",
    before: threeGroups,
    after: generous,
    says: { "vm-serving": [/groups: .*ai-3 \(unmanaged\) is applied.*Drain the machines/] },
  },
  {
    change: "the balancing mode changes unnamed",
    before: production,
    after: { ...production, balancing: { mode: "custom-metrics" } },
    says: {
      "vm-serving": [/balancing\.mode: utilization is applied, and the settings have custom-metrics\. .*"balancing"/],
    },
  },
  {
    change: "the domain changes in one apply",
    before: production,
    after: { ...production, domain: { host: "ai.example.com", dnsZone: "example.com" } },
    says: {
      edge: [
        /domain\.host: llm\.example\.com is applied, and the settings have ai\.example\.com\. .*domain\.aliases.*changing: \{ kind: "domain" \}/,
      ],
    },
  },
  {
    change: "a living cluster leaves the settings",
    before: production,
    after: { ...production, kubernetes: null },
    says: {
      bootstrap: [
        /kubernetes: a cluster is applied, and the settings have null\. .*destroy production-gke-serving, then npx cdktf destroy production-gke-platform, then npx cdktf destroy production-gke-cluster.*"cluster-removed"/,
      ],
      foundation: [/kubernetes: a cluster is applied/],
    },
  },
];
