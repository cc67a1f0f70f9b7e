import type { SettingsProblem } from "../schema/problems";
import { rule } from "./rule";

/** A tag can be moved to another image after review; a digest cannot. */
const digests = rule(["profile", "images"], ({ profile, images }) =>
  profile !== "production"
    ? []
    : Object.entries(images).flatMap(([name, image]): SettingsProblem[] =>
        image.digest !== undefined
          ? []
          : [
              {
                path: `images.${name}.digest`,
                value: image.tag,
                rule: "is required in production: a tag can be moved to another image after review",
                fix: 'add digest: "sha256:..." as the registry shows it',
              },
            ],
      ),
);

const twoZones = rule(["profile", "groups"], ({ profile, groups }) => {
  const zones = [...new Set(groups.map((group) => group.zone))];
  if (profile !== "production" || zones.length >= 2) return [];
  return [
    {
      path: "groups",
      value: zones,
      rule: "stand in one zone, whose loss ends a production service",
      fix: "put a group in a second zone",
    },
  ];
});

const notSpotOnly = rule(["profile", "onDemandFloor"], ({ profile, onDemandFloor }) =>
  profile !== "production" || onDemandFloor >= 1
    ? []
    : [
        {
          path: "onDemandFloor",
          value: onDemandFloor,
          rule: "must be at least 1 in production: all Spot VMs may go at once",
          fix: "write 1 or more",
        },
      ],
);

const everyRouteTwice = rule(["profile", "routes"], ({ profile, routes }) =>
  profile !== "production"
    ? []
    : Object.entries(routes).flatMap(([name, route]) =>
        new Set(route.groups).size >= 2
          ? []
          : [
              {
                path: `routes.${name}.groups`,
                value: route.groups,
                rule: "must name two groups in production, so that losing one leaves every path served",
                fix: "add a second group",
              },
            ],
      ),
);

const domainAndAlerts = rule(
  ["profile", "domain", "alerts", "stateBackend"],
  ({ profile, domain, alerts, stateBackend }) => {
    if (profile !== "production") return [];
    const problems: SettingsProblem[] = [];
    if (domain === null)
      problems.push({
        path: "domain",
        value: null,
        rule: "is required in production: without it the service is plain HTTP",
        fix: "add domain: { host, dnsZone }",
      });
    if (alerts.emails.length === 0)
      problems.push({
        path: "alerts.emails",
        value: [],
        rule: "must name somebody in production",
        fix: "add an address",
      });
    if (stateBackend !== "gcs")
      problems.push({
        path: "stateBackend",
        value: stateBackend,
        rule: "must be gcs in production: a local file has no lock and no history",
        fix: 'write "gcs"',
      });
    return problems;
  },
);

/** A deleted or renamed repository leaves its name to whoever takes it next. */
const numberedRepository = rule(["profile", "ci"], ({ profile, ci }) => {
  if (profile !== "production") return [];
  const fields = { repositoryId: ".id", repositoryOwnerId: ".owner.id" } as const;
  const missing = (["repositoryId", "repositoryOwnerId"] as const).filter((field) => ci[field] === undefined);
  return missing.map((field) => ({
    path: `ci.${field}`,
    value: undefined,
    rule: "is required in production: a name that its owner gives up lets in whoever takes it next",
    fix: `add the number that \`gh api repos/${ci.repository} --jq ${fields[field]}\` prints, then apply bootstrap, which changes both providers in place`,
  }));
});

/** Alertmanager would log in to a mail server and write to nobody. */
const mailHasReaders = rule(["alerts"], ({ alerts }) =>
  alerts.smtp === undefined || alerts.emails.length > 0
    ? []
    : [
        {
          path: "alerts.smtp",
          value: alerts.smtp.smarthost,
          rule: "has nobody to write to: alerts.emails is empty",
          fix: "add an address to alerts.emails, or remove smtp",
        },
      ],
);

export const profileRules = [
  digests,
  twoZones,
  notSpotOnly,
  everyRouteTwice,
  domainAndAlerts,
  numberedRepository,
  mailHasReaders,
];
