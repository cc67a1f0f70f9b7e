import { isPrivateRange, overlaps, parseCidr } from "../../planning/network";
import type { SettingsProblem } from "../schema/problems";
import type { Settings } from "../schema/settings";
import { rule } from "./rule";

/** Largest prefix (smallest range) that Google Cloud takes for a subnet: https://cloud.google.com/vpc/docs/subnets */
const SMALLEST_SUBNET_PREFIX = 29;
/** Private services access wants at least a /24: https://cloud.google.com/sql/docs/mysql/configure-private-services-access */
const SMALLEST_SERVICES_PREFIX = 24;

const disjoint = rule(["network"], ({ network }) =>
  overlaps(network).map(({ names: [first, second], ranges: [a, b] }) => ({
    path: `network.${second}`,
    value: b,
    rule: `overlaps network.${first} = ${a}`,
    fix: "move one of the two ranges",
  })),
);

const privateOnly = rule(["network"], ({ network }) =>
  Object.entries(network).flatMap(([name, text]): SettingsProblem[] => {
    const parsed = parseCidr(text);
    if (!parsed.ok || isPrivateRange(parsed.cidr)) return [];
    return [
      {
        path: `network.${name}`,
        value: text,
        rule: "is not a private range of RFC 1918",
        fix: "use a range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
      },
    ];
  }),
);

const largeEnough = rule(["network"], ({ network }) => {
  const least = [
    { name: "servingCidr", text: network.servingCidr, prefix: SMALLEST_SUBNET_PREFIX },
    { name: "servicesCidr", text: network.servicesCidr, prefix: SMALLEST_SERVICES_PREFIX },
  ];
  return least.flatMap(({ name, text, prefix }): SettingsProblem[] => {
    const parsed = parseCidr(text);
    if (!parsed.ok || parsed.cidr.prefix <= prefix) return [];
    return [
      {
        path: `network.${name}`,
        value: text,
        rule: `is smaller than /${prefix}`,
        fix: `widen it to /${prefix} or more`,
      },
    ];
  });
});

/** Certificates and records need hosts that lie in the zone. */
const hostsInZone = rule(["domain"], ({ domain }) =>
  domain === null
    ? []
    : placedHosts(domain)
        .filter(({ host }) => host !== domain.dnsZone && !host.endsWith(`.${domain.dnsZone}`))
        .map(({ path, host }) => ({
          path,
          value: host,
          rule: `does not lie in the zone ${domain.dnsZone}`,
          fix: "use a host of the zone, or change dnsZone",
        })),
);

/** Two sets of records of one name. */
const hostsDiffer = rule(["domain"], ({ domain }) =>
  domain === null
    ? []
    : placedHosts(domain)
        .filter(({ host }, index, all) => all.findIndex((other) => other.host === host) < index)
        .map(({ path, host }) => ({ path, value: host, rule: "is named twice", fix: "name each host once" })),
);

/** Each name of the service, and where it is written. */
function placedHosts({ host, aliases }: NonNullable<Settings["domain"]>) {
  return [
    { path: "domain.host", host },
    ...aliases.map((alias, index) => ({ path: `domain.aliases[${index}]`, host: alias })),
  ];
}

export const networkRules = [disjoint, privateOnly, largeEnough, hostsInZone, hostsDiffer];
