import { blocksAlong, blocksAt, textAt, textsAt } from "../../support/json";
import { bootDisks, MACHINES, metadataOf, userData } from "./machine";
import { type PolicyRule, resourceRule } from "./rule";

/** What every machine promises, with a GPU or without. */
export const MACHINE_RULES: readonly PolicyRule[] = [
  resourceRule("no-public-address", "Machines have no external address; they go out by NAT.", MACHINES, ({ body }) =>
    blocksAlong(body, "network_interface").some(
      (nic) => nic.access_config !== undefined || nic.ipv6_access_config !== undefined,
    )
      ? "has an external address (access_config)"
      : undefined,
  ),
  resourceRule("shielded-vm", "Secure boot, vTPM and integrity monitoring are on.", MACHINES, ({ body }) => {
    const [shielded = {}] = blocksAt(body, "shielded_instance_config");
    return ["enable_secure_boot", "enable_vtpm", "enable_integrity_monitoring"]
      .filter((feature) => shielded[feature] !== true)
      .map((feature) => `${feature} is not on`);
  }),
  resourceRule(
    "os-login",
    "People come by IAM, not by keys in metadata; the serial port is closed.",
    MACHINES,
    ({ body }) => {
      const metadata = metadataOf(body);
      return [
        ...(metadata["enable-oslogin"] === "TRUE" ? [] : ["OS Login is not on"]),
        ...(metadata["block-project-ssh-keys"] === "TRUE" ? [] : ["takes the project's SSH keys"]),
        ...("ssh-keys" in metadata ? ["has SSH keys of its own"] : []),
        ...(String(metadata["serial-port-enable"] ?? "false").toLowerCase() === "true"
          ? ["opens its serial port"]
          : []),
      ];
    },
  ),
  resourceRule(
    "own-account",
    "Each machine has an account of its own; the default one may edit the project.",
    MACHINES,
    ({ body }) => {
      const emails = blocksAt(body, "service_account").map((account) => textAt(account, "email"));
      const own = emails.some((email) => email !== undefined && !email.includes("developer.gserviceaccount.com"));
      return own ? undefined : "runs as the project's default service account";
    },
  ),
  resourceRule(
    "no-container-declaration",
    "gce-container-declaration is read by nobody since July 2026.",
    MACHINES,
    ({ body }) =>
      "gce-container-declaration" in metadataOf(body) ? "metadata has gce-container-declaration" : undefined,
  ),
  resourceRule(
    "no-ops-agent",
    "The Ops Agent does not run on Container-Optimized OS; exporters are containers.",
    MACHINES,
    ({ body }) =>
      /ops-agent/i.test(userData(body)) || Object.keys(metadataOf(body)).some((key) => key.includes("ops-agent"))
        ? "asks for the Ops Agent"
        : undefined,
  ),
  resourceRule(
    "container-optimized-os",
    "Machines boot Container-Optimized OS, from its own project.",
    MACHINES,
    ({ body }) =>
      bootDisks(body)
        .map((disk) => textAt(disk, "image") ?? textAt(disk, "source_image") ?? "no image")
        .filter((image) => !/^projects\/cos-cloud\/global\/images\/(?:family\/cos-\d+-lts|cos-\d+-[\d-]+)$/.test(image))
        .map((image) => `boots ${image}`),
  ),
  resourceRule("no-forwarding", "No machine passes on packets of others.", MACHINES, ({ body }) =>
    body.can_ip_forward === true ? "forwards packets" : undefined,
  ),
  resourceRule(
    "account-scope",
    "Access is IAM's to say: the one scope is cloud-platform; narrower ones fail in ways that look like IAM.",
    MACHINES,
    ({ body }) => {
      const scopes = blocksAt(body, "service_account").flatMap((account) => textsAt(account, "scopes"));
      return scopes.length === 1 && /cloud-platform$/.test(scopes[0] ?? "")
        ? undefined
        : `scopes are ${scopes.join(", ")}`;
    },
  ),
];
