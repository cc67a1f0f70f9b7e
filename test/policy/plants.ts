import { added, type Edits, edited, type Planted, type Where, without } from "../support/edit";
import { blocksAt, textAt } from "../support/json";
import { resourcesIn } from "../support/stack-view";
import { environment } from "../support/synthesized";

/** A mistake that a rule must catch, and how it is planted. */
export interface Plant {
  readonly rule: string;
  readonly mistake: string;
  /** Environment that it is planted into. */
  readonly into: string;
  readonly plant: () => Planted;
}

const GPU: Where = { name: "llm-vm-1" };
const HEALTH_CHECKS: Where = { name: "terrace-production-allow-health-checks" };
const SSH: Where = { name: "terrace-production-allow-iap-ssh" };

/** Edits one resource of production. */
function edit(rule: string, mistake: string, type: string, edits: Edits, where?: Where): Plant {
  return editIn("production", rule, mistake, type, edits, where);
}

function editIn(into: string, rule: string, mistake: string, type: string, edits: Edits, where?: Where): Plant {
  return { rule, mistake, into, plant: () => edited(environment(into), type, edits, where) };
}

/** Adds a resource to production. */
function add(rule: string, mistake: string, kind: string, type: string, body: Edits): Plant {
  const plant = () => {
    const planted = added(environment("production"), kind, type, {});
    return { ...planted, environment: edited(planted.environment, type, body, {}).environment };
  };
  return { rule, mistake, into: "production", plant };
}

/** Changes what a machine is told at boot. */
function bootText(rule: string, mistake: string, from: string | RegExp, to: string): Plant {
  const plant = () => {
    const production = environment("production");
    const machine = resourcesIn(production, "google_compute_instance").find(({ body }) => body.name === GPU.name);
    const text = textAt(blocksAt(machine?.body ?? {}, "metadata")[0] ?? {}, "user-data") ?? "";
    const changed = text.replaceAll(new RegExp(from, "g"), to);
    if (changed === text) throw new Error(`user-data has no ${from}`);
    return edited(production, "google_compute_instance", { "metadata.user-data": changed }, GPU);
  };
  return { rule, mistake, into: "production", plant };
}

const VM = "google_compute_instance";
const TEMPLATE = "google_compute_instance_template";
const SERVICE = "google_compute_backend_service";
const URL_MAP: Where = { name: "terrace-production-routes" };
const REDIRECT: Where = { name: "terrace-production-redirect" };
const SQL = "google_sql_database_instance";
const BUCKET = "google_storage_bucket";
const FIREWALL = "google_compute_firewall";

const MACHINES: readonly Plant[] = [
  edit("g2-terminates", "live migration", VM, { "scheduling.on_host_maintenance": "MIGRATE" }, GPU),
  editIn("managed", "g2-terminates", "live migration of a template", TEMPLATE, {
    "scheduling.on_host_maintenance": undefined,
  }),
  edit("g2-disks", "a standard disk", VM, { "boot_disk.initialize_params.type": "pd-standard" }, GPU),
  edit("g2-disks", "no disk type", VM, { "boot_disk.initialize_params.type": undefined }, GPU),
  editIn("managed", "g2-disks", "an extreme disk in a template", TEMPLATE, { "disk[0].disk_type": "pd-extreme" }),
  edit("g2-brings-its-gpu", "a second GPU", VM, { "guest_accelerator[0].type": "nvidia-l4" }, GPU),
  bootText("no-gpus-flag", "--gpus all", "--device", "--gpus all --device"),
  bootText("driver-is-executable", "no remount", /remount,exec/, "remount"),
  bootText("keep-alive-outlasts-the-balancer", "600 s", /KEEP_ALIVE_MS=\d+/, "KEEP_ALIVE_MS=600000"),
  bootText("keep-alive-outlasts-the-balancer", "the server's default", /KEEP_ALIVE_MS=\d+/, "X=1"),
  editIn("demo", "gpu-scheduling", "a restart of Spot", VM, { "scheduling.automatic_restart": true }),
  editIn("demo", "gpu-scheduling", "deletion of Spot", VM, { "scheduling.instance_termination_action": "DELETE" }),
  {
    rule: "not-spot-alone",
    mistake: "Spot on both",
    into: "production",
    plant: () => {
      const spot = { "scheduling.provisioning_model": "SPOT" };
      const one = edited(environment("production"), VM, spot, { name: "llm-vm-2" });
      return edited(one.environment, VM, spot, GPU);
    },
  },
  editIn("managed", "autoscaler-follows-load", "CPU", "google_compute_autoscaler", {
    "autoscaling_policy.cpu_utilization.target": 0.6,
  }),
  editIn("managed", "autoscaler-follows-load", "no queue", "google_compute_autoscaler", {
    "autoscaling_policy.metric[0].name": "custom.googleapis.com/other",
  }),
  editIn("managed", "autoscaler-follows-load", "fast scale-in", "google_compute_autoscaler", {
    "autoscaling_policy.scale_in_control.time_window_sec": 60,
  }),
  edit("no-public-address", "an external address", VM, { "network_interface[0].access_config": [{}] }, GPU),
  edit("no-public-address", "an external IPv6 address", VM, { "network_interface[0].ipv6_access_config": [{}] }),
  editIn("managed", "no-public-address", "an external address in a template", TEMPLATE, {
    "network_interface[0].access_config": [{}],
  }),
  edit("shielded-vm", "no secure boot", VM, { "shielded_instance_config.enable_secure_boot": false }, GPU),
  edit("shielded-vm", "nothing of it", VM, { shielded_instance_config: undefined }),
  edit("os-login", "no OS Login", VM, { "metadata.enable-oslogin": "FALSE" }),
  edit("os-login", "the project's keys", VM, { "metadata.block-project-ssh-keys": undefined }),
  edit("os-login", "keys", VM, { "metadata.ssh-keys": "me:ssh-ed25519 AAAA" }),
  edit("os-login", "a serial port", VM, { "metadata.serial-port-enable": "TRUE" }),
  edit("own-account", "no account", VM, { service_account: undefined }),
  edit("own-account", "the default account", VM, {
    "service_account.email": "1-compute@developer.gserviceaccount.com",
  }),
  edit("no-container-declaration", "a declared container", VM, { "metadata.gce-container-declaration": "spec:" }),
  bootText("no-ops-agent", "the Ops Agent", "#cloud-config", "#cloud-config\n# install google-cloud-ops-agent"),
  edit("container-optimized-os", "Debian", VM, { "boot_disk.initialize_params.image": "debian-cloud/debian-12" }),
  edit("no-forwarding", "a router", VM, { can_ip_forward: true }),
  edit("account-scope", "a narrow scope", VM, {
    "service_account.scopes": ["https://www.googleapis.com/auth/logging.write"],
  }),
];

const LOAD_BALANCING: readonly Plant[] = [
  edit("streams-are-not-cut", "30 s", SERVICE, { timeout_sec: 30 }),
  edit("streams-are-not-cut", "the default", SERVICE, { timeout_sec: undefined }),
  edit("streams-are-not-held-back", "compression", SERVICE, { compression_mode: "AUTOMATIC" }),
  edit("streams-are-not-held-back", "CDN", SERVICE, { enable_cdn: true }),
  edit("utilization-with-rate", "CPU alone", SERVICE, { "backend[1].max_rate_per_instance": undefined }),
  edit("one-balancing-mode", "two modes", SERVICE, { "backend[1].balancing_mode": "RATE" }),
  edit("no-connection-limits", "a connection limit", SERVICE, { "backend[0].max_connections_per_instance": 30 }),
  edit("custom-metrics-need-endpoints", "an unmanaged group", SERVICE, {
    "backend[0].balancing_mode": "CUSTOM_METRICS",
  }),
  editIn("custom-metrics", "custom-metrics-are-live", "dry runs", SERVICE, {
    "backend[0].custom_metrics[0].dry_run": true,
    "backend[0].custom_metrics[1].dry_run": true,
  }),
  edit("some-capacity", "two drained groups", SERVICE, {
    "backend[0].capacity_scaler": 0,
    "backend[1].capacity_scaler": 0,
  }),
  edit("every-group-of-the-route", "one group", SERVICE, {
    backend: [{ balancing_mode: "UTILIZATION", max_rate_per_instance: 3 }],
  }),
  edit("outlier-detection-can-eject", "the default percentage", SERVICE, { "outlier_detection.consecutive_errors": 5 }),
  edit("draining", "no draining", SERVICE, { connection_draining_timeout_sec: 0 }),
  edit("behind-armor", "no policy", SERVICE, { security_policy: undefined }),
  edit("requests-are-logged", "no log", SERVICE, { "log_config.enable": false }),
  edit("health-check-asks-readiness", "liveness", "google_compute_health_check", {
    "http_health_check.request_path": "/health/live",
  }),
  edit("health-check-asks-readiness", "a slow check", "google_compute_health_check", { unhealthy_threshold: 10 }),
  edit("health-check-asks-readiness", "a long wait", "google_compute_health_check", { timeout_sec: 10 }),
  edit("one-scheme", "a classic service", SERVICE, { load_balancing_scheme: "EXTERNAL" }),
  edit("one-scheme", "the default", "google_compute_global_forwarding_rule", { load_balancing_scheme: undefined }),
  edit("client-keep-alive", "an hour", "google_compute_target_https_proxy", { http_keep_alive_timeout_sec: 3600 }),
];

const EDGE: readonly Plant[] = [
  edit(
    "url-map-tests-pass",
    "a route to another class",
    "google_compute_url_map",
    { "path_matcher[0].path_rule[0].service": "x" },
    URL_MAP,
  ),
  edit(
    "url-map-tests-pass",
    "another default",
    "google_compute_url_map",
    { "path_matcher[0].default_service": "x" },
    URL_MAP,
  ),
  edit(
    "url-map-tests-pass",
    "another redirect",
    "google_compute_url_map",
    { "default_url_redirect.redirect_response_code": "FOUND" },
    REDIRECT,
  ),
  edit(
    "url-map-is-tested",
    "an untested path",
    "google_compute_url_map",
    { "path_matcher[0].path_rule[0].paths[0]": "/new" },
    URL_MAP,
  ),
  edit(
    "url-map-test-is-one-thing",
    "both",
    "google_compute_url_map",
    { "test[0].expected_redirect_response_code": 301 },
    URL_MAP,
  ),
  edit(
    "redirect-keeps-the-query",
    "a lost query",
    "google_compute_url_map",
    { "default_url_redirect.strip_query": true },
    REDIRECT,
  ),
  edit("tls-1-2", "TLS 1.0", "google_compute_ssl_policy", { min_tls_version: "TLS_1_0" }),
  edit("tls-1-2", "old ciphers", "google_compute_ssl_policy", { profile: "COMPATIBLE" }),
  edit("https-has-tls-policy", "no policy", "google_compute_target_https_proxy", { ssl_policy: undefined }),
  edit("no-early-data", "0-RTT", "google_compute_target_https_proxy", { tls_early_data: "PERMISSIVE" }),
  add("certificate-before-traffic", "a classic certificate", "edge", "google_compute_managed_ssl_certificate", {
    name: "x",
  }),
  edit("certificate-before-traffic", "no authorization", "google_certificate_manager_certificate", {
    "managed.dns_authorizations": undefined,
  }),
  edit("certificate-beside-the-old", "a gap", "google_certificate_manager_certificate", { lifecycle: undefined }),
  edit("certificate-beside-the-old", "another domain by the same name", "google_certificate_manager_certificate", {
    "managed.domains": ["other.example.com"],
  }),
  edit("certificate-map-on-proxy", "an id", "google_compute_target_https_proxy", { certificate_map: "projects/p/x" }),
  edit(
    "one-frontend-an-address-and-port",
    "two on :80",
    "google_compute_global_forwarding_rule",
    { port_range: "80" },
    { name: "terrace-production-https-ipv4" },
  ),
  edit("one-frontend-an-address-and-port", "a passing address", "google_compute_global_forwarding_rule", {
    ip_address: undefined,
  }),
  edit("armor-limits-rates", "no throttle", "google_compute_security_policy", { "rule[3].action": "allow" }),
  edit("armor-limits-rates", "another limit", "google_compute_security_policy", {
    "rule[3].rate_limit_options.rate_limit_threshold.count": 1,
  }),
  edit("armor-limits-rates", "a late denial", "google_compute_security_policy", { "rule[0].priority": 5000 }),
  edit("inside-paths-stay-inside", "metrics for all", "google_compute_security_policy", {
    "rule[0].match.expr.expression": "false",
  }),
  edit("inside-paths-stay-inside", "a preview", "google_compute_security_policy", { "rule[0].preview": true }),
  edit("alerts-have-runbooks", "no runbook", "google_monitoring_alert_policy", { "documentation.links": [] }),
  edit("alert-channels-are-reached", "nobody told", "google_monitoring_alert_policy", { notification_channels: [] }),
];

const NETWORK: readonly Plant[] = [
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

const IDENTITY: readonly Plant[] = [
  edit("no-primitive-roles", "an editor", "google_project_iam_member", { role: "roles/editor" }),
  edit("not-for-everybody", "the internet", "google_storage_bucket_iam_member", { member: "allUsers" }),
  edit("not-for-everybody", "every Google account", "google_secret_manager_secret_iam_member", {
    member: "allAuthenticatedUsers",
  }),
  edit("no-impersonation-of-the-project", "tokens of every account", "google_project_iam_member", {
    role: "roles/iam.serviceAccountTokenCreator",
  }),
  edit(
    "bounded-delegation",
    "no condition",
    "google_project_iam_member",
    { condition: undefined },
    { role: "roles/resourcemanager.projectIamAdmin" },
  ),
  add("grants-add-up", "a policy", "foundation", "google_project_iam_policy", { project: "x" }),
  add("grants-add-up", "a binding", "foundation", "google_project_iam_binding", {
    project: "x",
    role: "roles/compute.viewer",
  }),
  edit("federation-is-bounded", "every repository", "google_iam_workload_identity_pool_provider", {
    attribute_condition: undefined,
  }),
  edit("federation-is-bounded", "a repository of another owner", "google_iam_workload_identity_pool_provider", {
    attribute_condition: "assertion.repository == 'other/terrace'",
  }),
  edit("federation-is-bounded", "another issuer", "google_iam_workload_identity_pool_provider", {
    "oidc.issuer_uri": "https://example.com",
  }),
  edit("federated-principals-are-named", "the whole pool", "google_service_account_iam_member", {
    member: "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/*",
  }),
  edit("services-stay-on", "the default", "google_project_service", { disable_on_destroy: undefined }),
  edit("services-stay-on", "true", "google_project_service", { disable_on_destroy: true }),
  edit("services-stay-on", "dependents", "google_project_service", { disable_dependent_services: true }),
];

const DATA: readonly Plant[] = [
  edit(
    "data-cannot-be-destroyed",
    "a bucket",
    BUCKET,
    { "lifecycle.prevent_destroy": false },
    { name: "terrace-production-production-models" },
  ),
  edit("data-cannot-be-destroyed", "the database", SQL, { lifecycle: undefined }),
  edit(
    "data-cannot-be-destroyed",
    "a disk",
    "google_compute_disk",
    { lifecycle: undefined },
    { name: "terrace-production-qdrant-data" },
  ),
  editIn(
    "demo",
    "state-cannot-be-destroyed",
    "the state",
    BUCKET,
    { lifecycle: undefined },
    { name: "terrace-demo-demo-state" },
  ),
  edit("deletion-protection-is-said", "unset", SQL, { deletion_protection: undefined }),
  edit("deletion-protection-is-said", "off in Google Cloud", SQL, { "settings.deletion_protection_enabled": false }),
  edit("sql-is-backed-up", "no backup", SQL, { "settings.backup_configuration.enabled": false }),
  edit("sql-is-backed-up", "no point in time", SQL, {
    "settings.backup_configuration.point_in_time_recovery_enabled": false,
  }),
  edit("sql-is-backed-up", "the same region", SQL, { "settings.backup_configuration.location": "asia-northeast3" }),
  edit("sql-knows-iam", "no IAM", SQL, { "settings.database_flags": [] }),
  edit("sql-users-have-no-password", "a built-in user", "google_sql_user", { type: "BUILT_IN" }),
  {
    rule: "disks-are-snapshotted",
    mistake: "no schedule",
    into: "production",
    plant: () => ({
      environment: without(environment("production"), "google_compute_disk_resource_policy_attachment"),
      address:
        resourcesIn(environment("production"), "google_compute_disk").find(({ stack }) => stack.kind === "data")
          ?.address ?? "",
    }),
  },
  edit("snapshots-survive-the-disk", "gone with the disk", "google_compute_resource_policy", {
    "snapshot_schedule_policy.retention_policy.on_source_disk_delete": "APPLY_RETENTION_POLICY",
  }),
  edit("snapshots-survive-the-disk", "the same region", "google_compute_resource_policy", {
    "snapshot_schedule_policy.snapshot_properties.storage_locations": ["asia-northeast3"],
  }),
  edit("buckets-are-private", "access lists", BUCKET, { uniform_bucket_level_access: false }),
  edit("buckets-are-private", "public access", BUCKET, { public_access_prevention: "inherited" }),
  edit("buckets-keep-versions", "no versions", BUCKET, { "versioning.enabled": false }),
  edit("buckets-keep-versions", "no end", BUCKET, { lifecycle_rule: [] }),
  edit("buckets-keep-versions", "force_destroy", BUCKET, { force_destroy: true }),
  edit("images-are-cleaned-up", "no policy", "google_artifact_registry_repository", { cleanup_policies: [] }),
  edit("images-are-cleaned-up", "a dry run", "google_artifact_registry_repository", { cleanup_policy_dry_run: true }),
  edit(
    "tags-do-not-move",
    "a moving tag",
    "google_artifact_registry_repository",
    { docker_config: undefined },
    { mode: "STANDARD_REPOSITORY" },
  ),
  edit("secrets-stay-in-region", "everywhere", "google_secret_manager_secret", { replication: { auto: {} } }),
];

const LABELS: readonly Plant[] = [
  edit(
    "labels-beyond-defaults",
    "an unlabelled boot disk",
    VM,
    { "boot_disk.initialize_params.labels": undefined },
    GPU,
  ),
  edit("labels-beyond-defaults", "an unlabelled alert", "google_monitoring_alert_policy", { user_labels: undefined }),
  edit("one-spelling", "another spelling", VM, { "labels.managed_by": "terrace" }, GPU),
];

export const PLANTS: readonly Plant[] = [
  ...MACHINES,
  ...LOAD_BALANCING,
  ...EDGE,
  ...NETWORK,
  ...IDENTITY,
  ...DATA,
  ...LABELS,
];
