import { blocksAlong, blocksAt, type JsonObject, textAt, textsAt } from "../../support/json";
import { type PlacedResource, resourcesIn } from "../../support/stack-view";
import { type PolicyRule, resourceRule, type Wrong } from "./rule";

/** Identity-Aware Proxy's addresses: https://cloud.google.com/iap/docs/using-tcp-forwarding */
const IAP_RANGE = "35.235.240.0/20";
const ANYWHERE: readonly string[] = ["0.0.0.0/0", "::/0"];

/** A rule on each firewall rule that lets something in. */
function ingressRule(id: string, says: string, wrong: (rule: PlacedResource) => Wrong): PolicyRule {
  return resourceRule(id, says, ["google_compute_firewall"], (rule) =>
    (textAt(rule.body, "direction") ?? "INGRESS") === "INGRESS" && blocksAt(rule.body, "allow").length > 0
      ? wrong(rule)
      : undefined,
  );
}

function ports(body: JsonObject): readonly string[] {
  return blocksAt(body, "allow").flatMap((allow) => {
    const listed = textsAt(allow, "ports");
    return listed.length > 0 ? listed : ["0-65535"];
  });
}

function includesPort(listed: string, port: number): boolean {
  const [from = 0, to = from] = listed.split("-").map(Number);
  return from <= port && port <= to;
}

function targets(body: JsonObject): readonly string[] {
  return [...textsAt(body, "target_service_accounts"), ...textsAt(body, "target_tags")];
}

/** Network, firewall and names. */
export const NETWORK_RULES: readonly PolicyRule[] = [
  ingressRule(
    "nothing-from-anywhere",
    "No rule lets 0.0.0.0/0 in; without a source that is what a rule means.",
    ({ body }) => {
      const sources = ["source_ranges", "source_tags", "source_service_accounts"].flatMap((key) => textsAt(body, key));
      return sources.length === 0 || sources.some((source) => ANYWHERE.includes(source))
        ? "lets anybody in"
        : undefined;
    },
  ),
  ingressRule("ssh-by-iap", "SSH comes through Identity-Aware Proxy alone.", ({ body }) => {
    if (!ports(body).some((listed) => includesPort(listed, 22))) return undefined;
    const sources = [
      ...textsAt(body, "source_ranges"),
      ...textsAt(body, "source_tags"),
      ...textsAt(body, "source_service_accounts"),
    ];
    return sources.every((source) => source === IAP_RANGE) ? undefined : `opens SSH to ${sources.join(", ")}`;
  }),
  resourceRule(
    "rules-have-targets",
    "A rule names the machines that it is for.",
    ["google_compute_firewall"],
    ({ body }) =>
      blocksAt(body, "allow").length > 0 && targets(body).length === 0
        ? "opens every machine of the network"
        : undefined,
  ),
  resourceRule("rules-name-ports", "A rule names the ports that it opens.", ["google_compute_firewall"], ({ body }) =>
    blocksAt(body, "allow").some((allow) => textsAt(allow, "ports").length === 0) ? "opens every port" : undefined,
  ),
  {
    id: "closed-by-default",
    says: "What no rule allows is denied and logged, in both directions.",
    check: (environment) =>
      ["INGRESS", "EGRESS"].flatMap((direction) => {
        const denying = resourcesIn(environment, "google_compute_firewall").filter(
          ({ body }) =>
            body.direction === direction &&
            blocksAt(body, "deny").some((deny) => deny.protocol === "all") &&
            [...textsAt(body, "source_ranges"), ...textsAt(body, "destination_ranges")].includes("0.0.0.0/0") &&
            blocksAt(body, "log_config").length > 0 &&
            targets(body).length === 0,
        );
        return denying.length > 0
          ? []
          : [{ at: environment.name, message: `${direction} is not denied by default, with a log` }];
      }),
  },
  resourceRule("own-subnets", "A network makes no subnets by itself.", ["google_compute_network"], ({ body }) =>
    body.auto_create_subnetworks === false ? undefined : "makes a subnet in every region",
  ),
  resourceRule(
    "subnets-reach-google",
    "Machines without an external address reach Google's APIs, and their flows are logged.",
    ["google_compute_subnetwork"],
    ({ body }) => {
      if (textAt(body, "purpose") === "REGIONAL_MANAGED_PROXY") return undefined;
      return [
        ...(body.private_ip_google_access === true ? [] : ["has no private Google access"]),
        ...(blocksAt(body, "log_config").length > 0 ? [] : ["logs no flows"]),
      ];
    },
  ),
  resourceRule("nat-is-logged", "NAT logs what it could not pass.", ["google_compute_router_nat"], ({ body }) =>
    blocksAt(body, "log_config").some((log) => log.enable === true) ? undefined : "does not log",
  ),
  resourceRule("dnssec", "A public zone is signed.", ["google_dns_managed_zone"], ({ body }) =>
    body.visibility === "private" || blocksAt(body, "dnssec_config").some((dnssec) => dnssec.state === "on")
      ? undefined
      : "is public without DNSSEC",
  ),
  resourceRule(
    "no-mirroring",
    "No packet mirroring, no peering with strangers.",
    ["google_compute_packet_mirroring", "google_compute_network_peering"],
    () => "copies or leads traffic out of the network",
  ),
  resourceRule(
    "sql-stays-inside",
    "Cloud SQL has a private address and encrypted connections only.",
    ["google_sql_database_instance"],
    ({ body }) => {
      const [ip = {}] = blocksAlong(body, "settings", "ip_configuration");
      return [
        ...(ip.ipv4_enabled === false ? [] : ["has a public address"]),
        ...(blocksAt(ip, "authorized_networks").length === 0 ? [] : ["lets networks in from outside"]),
        ...(["ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"].includes(String(ip.ssl_mode))
          ? []
          : ["takes unencrypted connections"]),
      ];
    },
  ),
  resourceRule(
    "redis-is-locked",
    "Memorystore asks who connects, and encrypts.",
    ["google_memorystore_instance", "google_redis_cluster", "google_redis_instance"],
    ({ type, body }) => {
      if (type === "google_redis_instance") return "keeps its password in the state";
      const mode = String(body.authorization_mode);
      return [
        ...(mode.includes("IAM_AUTH") ? [] : ["asks nobody who they are"]),
        ...(/SERVER_AUTHENTICATION$/.test(String(body.transit_encryption_mode)) ? [] : ["does not encrypt"]),
      ];
    },
  ),
];
