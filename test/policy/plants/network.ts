import type { Where } from "../../support/edit";
import { add, edit, type Plant } from "./plant";

const HEALTH_CHECKS: Where = { name: "terrace-production-allow-health-checks" };
const SSH: Where = { name: "terrace-production-allow-iap-ssh" };
const SQL = "google_sql_database_instance";
const FIREWALL = "google_compute_firewall";

export const NETWORK_PLANTS: readonly Plant[] = [
  edit("nothing-from-anywhere", "0.0.0.0/0", FIREWALL, { source_ranges: ["0.0.0.0/0"] }, HEALTH_CHECKS),
  edit("nothing-from-anywhere", "no source", FIREWALL, { source_ranges: undefined }, HEALTH_CHECKS),
  edit("ssh-by-iap", "SSH from an office", FIREWALL, { source_ranges: ["203.0.113.0/24"] }, SSH),
  edit("ssh-by-iap", "SSH in a range of ports", FIREWALL, { "allow[0].ports": ["20-30"] }, HEALTH_CHECKS),
  edit("ssh-by-iap", "SSH among all ports", FIREWALL, { "allow[0].ports": undefined }, HEALTH_CHECKS),
  edit("rules-have-targets", "every machine", FIREWALL, { target_service_accounts: undefined }, HEALTH_CHECKS),
  edit("rules-name-ports", "every port", FIREWALL, { "allow[0].ports": undefined }, HEALTH_CHECKS),
  edit("own-subnets", "subnets everywhere", "google_compute_network", { auto_create_subnetworks: true }),
  edit("subnets-reach-google", "no private access", "google_compute_subnetwork", { private_ip_google_access: false }),
  edit("subnets-reach-google", "no flow logs", "google_compute_subnetwork", { log_config: undefined }),
  edit("nat-is-logged", "no log", "google_compute_router_nat", { log_config: undefined }),
  edit("dnssec", "an unsigned zone", "google_dns_managed_zone", { dnssec_config: undefined }, { visibility: "public" }),
  add("no-mirroring", "a mirror", "foundation", "google_compute_packet_mirroring", { name: "x" }),
  edit("sql-stays-inside", "a public address", SQL, { "settings.ip_configuration.ipv4_enabled": true }),
  edit("sql-stays-inside", "the default, which is public", SQL, {
    "settings.ip_configuration.ipv4_enabled": undefined,
  }),
  edit("sql-stays-inside", "plain text", SQL, {
    "settings.ip_configuration.ssl_mode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
  }),
  edit("sql-stays-inside", "a network", SQL, {
    "settings.ip_configuration.authorized_networks": [{ value: "0.0.0.0/0" }],
  }),
  edit("redis-is-locked", "no login", "google_memorystore_instance", { authorization_mode: "AUTH_DISABLED" }),
  edit("redis-is-locked", "plain text", "google_memorystore_instance", { transit_encryption_mode: undefined }),
  add("redis-is-locked", "a password in the state", "data", "google_redis_instance", { name: "x" }),
];
