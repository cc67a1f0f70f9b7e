import { machineOf } from "../planning/machine-groups";
import type { GroupSettings, Settings } from "../settings/schema/settings";

/** Settings that no apply changes unless `changing` names them, and what to do instead. */
export interface ChangeInSteps {
  /** By the name that a message gives them. */
  readonly values: Readonly<Record<string, string>>;
  readonly mayChange: boolean;
  readonly steps: string;
}

const GUIDE = "docs/guides/changes-in-steps.md";

/** What a cluster consists of, in the order in which it is destroyed. */
const CLUSTER_STACKS = ["gke-serving", "gke-platform", "gke-cluster"];

/** What stops or replaces machines of a group with named VMs; a managed group replaces its machines one by one itself. */
export function machinesInSteps(settings: Settings, group: GroupSettings): ChangeInSteps {
  const { name, zone, instances } = group;
  const { type, bootDiskGb } = machineOf(settings.machine, group);
  const vms = instances.kind === "managed" ? [] : instances.vms.map((vm) => `${vm.name} (${vm.provisioning})`);
  return {
    values: {
      [`machine.type of ${name}`]: type,
      [`machine.bootDiskGb of ${name}`]: `${bootDiskGb} GB`,
      [`zone of ${name}`]: zone,
      [`VMs of ${name}`]: listed(vms),
    },
    mayChange: namesGroup(settings, name),
    steps: `Machines of one group change in an apply, so that the others serve: give the others' shape to the others (groups[].machine), drain this group's machines (npm run ops -- drain NAME), and write changing: { kind: "group", name: "${name}" }. Steps: ${GUIDE}#machines-of-a-group`,
  };
}

/** Which groups there are. */
export function groupsInSteps(settings: Settings): ChangeInSteps {
  return {
    values: { groups: listed(settings.groups.map(({ name, instances }) => `${name} (${instances.kind})`)) },
    mayChange: settings.changing?.kind === "group",
    steps: `A group that comes or leaves is named, one in an apply: changing: { kind: "group", name: NAME }. Drain the machines of one that leaves first (npm run ops -- drain NAME). Steps: ${GUIDE}#groups`,
  };
}

export function balancingInSteps({ balancing, changing }: Settings): ChangeInSteps {
  return {
    values: { "balancing.mode": balancing.mode },
    mayChange: changing?.kind === "balancing",
    steps: `Until it is done, every backend service is without machines: give the traffic to the cluster, or choose an hour without any, and write changing: { kind: "balancing" }. Steps: ${GUIDE}#balancing-mode`,
  };
}

/** What clients and the check from outside call. Not the aliases: they come and go with what belongs to each alone. */
export function hostInSteps(host: string, { changing }: Settings): ChangeInSteps {
  return {
    values: { "domain.host": host },
    mayChange: changing?.kind === "domain",
    steps:
      'The old name would go before the new one has its certificate. Add the new name to domain.aliases, apply, and wait until its certificate is ACTIVE; then let them change places with changing: { kind: "domain" }. Steps: docs/guides/changing-the-domain.md',
  };
}

/** A cluster that left the settings alive would take its stacks' states and the deployer's rights with it. */
export function clusterInSteps({ changing, environment, kubernetes }: Settings): ChangeInSteps {
  const commands = CLUSTER_STACKS.map((kind) => `npx cdktf destroy ${environment}-${kind}`).join(", then ");
  return {
    values: { kubernetes: kubernetes === null ? "null" : "a cluster" },
    mayChange: kubernetes !== null || changing?.kind === "cluster-removed",
    steps: `What the cluster consists of would stay, and no stack would have it. With kubernetes as it was: ${commands}. Then write kubernetes: null with changing: { kind: "cluster-removed" }. Steps: ${GUIDE}#a-cluster-that-goes`,
  };
}

function namesGroup({ changing }: Settings, name: string): boolean {
  return changing?.kind === "group" && changing.name === name;
}

/** In an order that settings do not choose. */
function listed(names: readonly string[]): string {
  return [...names].sort().join(", ");
}
