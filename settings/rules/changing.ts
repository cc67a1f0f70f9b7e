import type { SettingsProblem } from "../schema/problems";
import { rule } from "./rule";

/** While machines of a group change, each of its routes has another group. */
const otherGroup = rule(["changing", "routes"], ({ changing, routes }) => {
  if (changing?.kind !== "group" || changing.outage) return [];
  const { name } = changing;
  const alone = Object.entries(routes).filter(([, { groups }]) => groups.every((group) => group === name));
  if (alone.length === 0) return [];
  return [
    {
      path: "changing.name",
      value: name,
      rule: `is the only group of ${alone.map(([route]) => route).join(", ")}, which would be without machines meanwhile`,
      fix: "add a group first, or write outage: true to accept that",
    },
  ];
});

const clusterIsGone = rule(["changing", "kubernetes"], ({ changing, kubernetes }): SettingsProblem[] =>
  changing?.kind !== "cluster-removed" || kubernetes === null
    ? []
    : [
        {
          path: "changing.kind",
          value: changing.kind,
          rule: "says that the cluster is gone, and kubernetes describes one",
          fix: "write kubernetes: null with it, or remove changing",
        },
      ],
);

/** The old name is served on. */
const oldHostStays = rule(["changing", "domain"], ({ changing, domain }): SettingsProblem[] =>
  changing?.kind !== "domain" || (domain !== null && domain.aliases.length > 0)
    ? []
    : [
        {
          path: "changing.kind",
          value: changing.kind,
          rule: "lets the host change places with an alias, and domain.aliases has none",
          fix: "write the host of before to domain.aliases, or remove changing",
        },
      ],
);

export const changingRules = [otherGroup, oldHostStays, clusterIsGone];
