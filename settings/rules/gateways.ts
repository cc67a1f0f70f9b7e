/** What the gateways need to let anybody in, to run side by side, and to answer while a model cannot. */
import { gatewayCount } from "../../planning/gateway-count";
import type { SettingsProblem } from "../schema/problems";
import { rule } from "./rule";

const letIn = rule(["profile", "serviceTokens"], ({ profile, serviceTokens }) =>
  profile !== "production" || serviceTokens.length > 0
    ? []
    : [
        {
          path: "serviceTokens",
          value: [],
          rule: "must name a token in production: the app lets nobody in without one",
          fix: "run `npm run token -- NAME` and add what it prints",
        },
      ],
);

const distinctTokens = rule(["serviceTokens"], ({ serviceTokens }) =>
  serviceTokens.flatMap(({ name, sha256 }, index): SettingsProblem[] => {
    const before = serviceTokens.slice(0, index);
    if (before.some((other) => other.name === name))
      return [{ path: `serviceTokens[${index}].name`, value: name, rule: "is taken", fix: "use another name" }];
    if (before.some((other) => other.sha256 === sha256))
      return [
        {
          path: `serviceTokens[${index}].sha256`,
          value: sha256,
          rule: "is another token's: logs could not tell the two apart",
          fix: "run `npm run token -- NAME` once for each",
        },
      ];
    return [];
  }),
);

/** The embedded stores are one gateway's own: a second one has another truth, and refuses to start. */
const embeddedStores = rule(["data", "groups", "kubernetes"], ({ data, groups, kubernetes }) => {
  const gateways = gatewayCount(groups, kubernetes);
  if (data.kind !== "none" || gateways <= 1) return [];
  return [
    {
      path: "data.kind",
      value: "none",
      rule: `keeps data in one gateway on one machine, and there may be ${gateways} of them`,
      fix: 'write data: { kind: "managed", ... }, or leave one VM',
    },
  ];
});

const fallbacks = rule(["routes"], ({ routes }) =>
  Object.entries(routes).flatMap(([name, { fallback, model }]): SettingsProblem[] =>
    fallback === undefined || routes[fallback].model !== model
      ? []
      : [
          {
            path: `routes.${name}.fallback`,
            value: fallback,
            rule: `answers with ${model} as ${name} does: where one cannot, the other cannot`,
            fix: "name a route class with another model, or leave it out",
          },
        ],
  ),
);

export const gatewayRules = [letIn, distinctTokens, embeddedStores, fallbacks];
