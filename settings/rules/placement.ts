import { backedUpRegions } from "../../planning/backup-region";
import { L4_ZONES, l4Zones, MACHINE_TYPES, regionOfZone } from "../../planning/gpus";
import { machineOf, machinesOf } from "../../planning/machine-groups";
import { basePath } from "../../planning/paths";
import type { SettingsProblem } from "../schema/problems";
import type { GroupSettings } from "../schema/settings";
import { rule } from "./rule";

/** Zones must have L4s and lie in the region. */
const zones = rule(["region", "groups"], ({ region, groups }) =>
  groups.flatMap((group, index): SettingsProblem[] => {
    const at = { path: `groups[${index}].zone`, value: group.zone };
    if (!(group.zone in L4_ZONES)) {
      const inRegion = l4Zones().filter((zone) => regionOfZone(zone) === region);
      const choices = inRegion.length > 0 ? inRegion : l4Zones();
      return [{ ...at, rule: "is no zone known to have L4 GPUs", fix: `use one of ${choices.join(", ")}` }];
    }
    if (regionOfZone(group.zone) !== region) {
      return [{ ...at, rule: `is not in the region ${region}`, fix: "use a zone of the region, or change the region" }];
    }
    return [];
  }),
);

/** Backups go to another region, which planning must have. */
const backups = rule(["region"], ({ region }) =>
  backedUpRegions().includes(region)
    ? []
    : [
        {
          path: "region",
          value: region,
          rule: "has no region for its backups",
          fix: `add it to planning/backup-region.ts, or use one of ${backedUpRegions().join(", ")}`,
        },
      ],
);

/** The machines outside the groups share the region, for the one subnet there. */
const otherZones = rule(["region", "data", "monitoring"], ({ region, data, monitoring }) => {
  const named = [
    { path: "data.vectorStore.zone", value: data.kind === "managed" ? data.vectorStore.zone : undefined },
    { path: "monitoring.zone", value: monitoring?.zone },
  ];
  return named.flatMap(({ path, value }) =>
    value === undefined || regionOfZone(value) === region
      ? []
      : [
          {
            path,
            value,
            rule: `is not in the region ${region}`,
            fix: "use a zone of the region, or change the region",
          },
        ],
  );
});

/** Group names and VM names are unique: an instance is in one load-balanced group. */
const membership = rule(["groups"], ({ groups }) => {
  const problems: SettingsProblem[] = [];
  const groupAt = new Map<string, string>();
  const vmAt = new Map<string, string>();
  groups.forEach((group, g) => {
    const other = groupAt.get(group.name);
    if (other !== undefined) {
      problems.push({
        path: `groups[${g}].name`,
        value: group.name,
        rule: `is also the name of ${other}`,
        fix: "name each group once",
      });
    }
    groupAt.set(group.name, `groups[${g}]`);
    if (group.instances.kind !== "unmanaged") return;
    group.instances.vms.forEach((vm, v) => {
      const owner = vmAt.get(vm.name);
      if (owner !== undefined) {
        problems.push({
          path: `groups[${g}].instances.vms[${v}].name`,
          value: vm.name,
          rule: `stands in the group ${owner} already, and a VM may stand in one load-balanced group only`,
          fix: "rename the VM, or take it out of one group",
        });
      }
      vmAt.set(vm.name, group.name);
    });
  });
  return problems;
});

/** An engine's GPU must exist on the machine. */
const gpuIndex = rule(["machine", "groups"], ({ machine, groups }) => {
  return groups.flatMap((group, g) => {
    const { type } = machineOf(machine, group);
    const { l4Count } = MACHINE_TYPES[type];
    return group.engines.flatMap((engine, e) =>
      engine.gpu < l4Count
        ? []
        : [
            {
              path: `groups[${g}].engines[${e}].gpu`,
              value: engine.gpu,
              rule: `is no GPU of a ${type}, which has ${l4Count} (0 to ${l4Count - 1})`,
              fix: "use a lower index, or a machine type with more L4s",
            },
          ],
    );
  });
});

/** Every group of a route runs the route's model, and exists. */
const routeModels = rule(["groups", "routes"], ({ groups, routes }) =>
  Object.entries(routes).flatMap(([name, route]) =>
    route.groups.flatMap((groupName, index): SettingsProblem[] => {
      const at = { path: `routes.${name}.groups[${index}]`, value: groupName };
      const group = groups.find((candidate) => candidate.name === groupName);
      if (group === undefined) {
        const known = groups.map((candidate) => candidate.name).join(", ");
        return [{ ...at, rule: "is no group", fix: `use one of ${known}` }];
      }
      if (!group.engines.some((engine) => engine.model === route.model)) {
        return [
          {
            ...at,
            rule: `does not run ${route.model}, which ${name} needs (it runs ${modelsOf(group)})`,
            fix: `place ${route.model} on the group, or take the group out of the route`,
          },
        ];
      }
      return [];
    }),
  ),
);

/** A machine's app serves every task, so each group needs the model of each task, routed to it or not. */
const groupTasks = rule(["groups", "routes"], ({ groups, routes }) =>
  groups.flatMap((group, g) => {
    const missing = new Set(
      Object.values(routes)
        .filter(
          (route) =>
            !route.groups.includes(group.name) && !group.engines.some((engine) => engine.model === route.model),
        )
        .map((route) => route.model),
    );
    return [...missing].map((model) => ({
      path: `groups[${g}].engines`,
      value: group.engines.map((engine) => engine.model),
      rule: `lacks ${model}, which the app on each machine answers with`,
      fix: `place ${model} on the group, or route that class to a model that the group runs`,
    }));
  }),
);

/** A path belongs to one route class. */
const routePaths = rule(["routes"], ({ routes }) => {
  const owner = new Map<string, string>();
  const problems: SettingsProblem[] = [];
  for (const [name, route] of Object.entries(routes)) {
    route.paths.forEach((path, index) => {
      const key = basePath(path);
      const other = owner.get(key);
      if (other !== undefined) {
        problems.push({
          path: `routes.${name}.paths[${index}]`,
          value: path,
          rule: `belongs to ${other} already`,
          fix: "give each path to one route class",
        });
      }
      owner.set(key, `routes.${name}`);
    });
  }
  return problems;
});

/** Enough machines survive when every Spot VM is reclaimed at once. */
const onDemandFloor = rule(["groups", "onDemandFloor"], ({ groups, onDemandFloor: floor }) => {
  const standard = groups.reduce((sum, group) => sum + machinesOf(group, "standard").min, 0);
  if (standard >= floor) return [];
  return [
    {
      path: "onDemandFloor",
      value: floor,
      rule: `is more than the ${standard} VMs that are not Spot`,
      fix: "make more VMs standard, or lower the floor",
    },
  ];
});

/** Google appends 26 characters to a template's name prefix, and `-` joins them: 63 - 27 are left for the group. */
const LONGEST_MANAGED_GROUP_NAME = 36;

/** A managed group's name is part of its template's and its instances' names. */
const managedNames = rule(["groups"], ({ groups }) =>
  groups.flatMap(({ name, instances }, g) =>
    instances.kind === "managed" && name.length > LONGEST_MANAGED_GROUP_NAME
      ? [
          {
            path: `groups[${g}].name`,
            value: name,
            rule: `has ${name.length} characters, and a managed group's instances need names of at most 63: ${LONGEST_MANAGED_GROUP_NAME} are left`,
            fix: "shorten it, such as ai-1",
          },
        ]
      : [],
  ),
);

/** With custom metrics, named VMs become endpoint groups, which no backend service takes beside instance groups. */
const oneKindOfBackend = rule(["groups", "routes", "balancing"], ({ groups, routes, balancing }) => {
  if (balancing.mode !== "custom-metrics") return [];
  return Object.entries(routes).flatMap(([name, route]) => {
    const kinds = new Set(
      groups.filter((group) => route.groups.includes(group.name)).map(({ instances }) => instances.kind),
    );
    return kinds.size <= 1
      ? []
      : [
          {
            path: `routes.${name}.groups`,
            value: route.groups,
            rule: "mixes managed and unmanaged groups, which one backend service cannot balance by custom metrics",
            fix: "make the groups of a route one kind, or balance by utilization",
          },
        ];
  });
});

function modelsOf(group: GroupSettings): string {
  return group.engines.map((engine) => engine.model).join(", ");
}

export const placementRules = [
  zones,
  backups,
  otherZones,
  membership,
  gpuIndex,
  routeModels,
  groupTasks,
  routePaths,
  onDemandFloor,
  managedNames,
  oneKindOfBackend,
];
