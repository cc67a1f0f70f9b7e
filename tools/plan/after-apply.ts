import { createHash } from "node:crypto";
import type { PlannedValue, PlannedValues } from "./planned-value";

/**
 * What Google answers when a resource is made, formed as the provider forms it (google 6.50) where another resource
 * refers to it. Addresses are of documentation's ranges (RFC 5737, RFC 3849), numbers are made up.
 * @param values what is known before the apply
 */
export function knownAfterApply(type: string, name: string, values: PlannedValues): PlannedValues {
  const path = resourcePath(type, name, values);
  const id = type in PRODUCT_OF_ID ? `projects/${text(values.project)}/${PRODUCT_OF_ID[type]}/${name}` : path;
  return {
    id,
    ...(type.startsWith("google_compute_") ? { self_link: `https://www.googleapis.com/compute/v1/${path}` } : {}),
    ...BY_TYPE[type]?.(values, id),
  };
}

/** Resources whose id is no path of project, place and name, because others name it. */
const PRODUCT_OF_ID: Readonly<Record<string, string>> = {
  google_monitoring_notification_channel: "notificationChannels",
  google_monitoring_uptime_check_config: "uptimeCheckConfigs",
};

const PROJECT_NUMBER = "123456789012";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----";

const BY_TYPE: Readonly<Record<string, (values: PlannedValues, id: string) => PlannedValues>> = {
  terraform_data: ({ input = null }) => ({ output: input }),
  google_service_account: ({ account_id, project }) => {
    const email = `${text(account_id)}@${text(project)}.iam.gserviceaccount.com`;
    return { email, member: `serviceAccount:${email}`, name: `projects/${text(project)}/serviceAccounts/${email}` };
  },
  google_project_iam_custom_role: ({ role_id, project }) => ({
    name: `projects/${text(project)}/roles/${text(role_id)}`,
  }),
  google_iam_workload_identity_pool: (values) => ({ name: identityPool(values) }),
  google_iam_workload_identity_pool_provider: (values) => ({
    name: `${identityPool(values)}/providers/${text(values.workload_identity_pool_provider_id)}`,
  }),
  google_artifact_registry_repository: ({ repository_id }) => ({ name: text(repository_id) }),
  google_compute_global_address: ({ ip_version }) => ({
    address: ip_version === "IPV6" ? "2001:db8::10" : "203.0.113.10",
  }),
  google_compute_instance: ({ project }) => ({
    network_interface: [{ network_ip: "192.0.2.2", subnetwork_project: text(project) }],
  }),
  google_certificate_manager_dns_authorization: ({ domain }) => ({
    dns_resource_record: [
      { name: `_acme-challenge.${text(domain)}.`, type: "CNAME", data: "1.authorize.certificatemanager.goog." },
    ],
  }),
  google_dns_managed_zone: () => ({ name_servers: ["ns-cloud-a1.googledomains.com."] }),
  google_monitoring_notification_channel: (_, id) => ({ name: id }),
  google_monitoring_uptime_check_config: (_, id) => ({ name: id, uptime_check_id: id.split("/").at(-1) ?? "" }),
  google_sql_database_instance: () => ({
    private_ip_address: "192.0.2.3",
    server_ca_cert: [{ cert: CERTIFICATE }],
  }),
  // The provider compares it with the content's, which may be known later.
  google_storage_bucket_object: ({ content }) => ({
    md5hash: typeof content === "string" ? createHash("md5").update(content).digest("base64") : null,
  }),
  google_memorystore_instance: () => ({
    endpoints: [
      {
        connections: [
          { psc_auto_connection: [{ connection_type: "CONNECTION_TYPE_PRIMARY", ip_address: "192.0.2.4" }] },
        ],
      },
    ],
    managed_server_ca: [{ ca_certs: [{ certificates: [CERTIFICATE] }] }],
  }),
};

function identityPool({ workload_identity_pool_id }: PlannedValues): string {
  return `projects/${PROJECT_NUMBER}/locations/global/workloadIdentityPools/${text(workload_identity_pool_id)}`;
}

/** `projects/P/zones/Z/instances/N`, and the like for what is not of Compute Engine. */
function resourcePath(
  type: string,
  name: string,
  { project, zone, region, location, ...values }: PlannedValues,
): string {
  const place = [
    typeof zone === "string" ? `zones/${zone}` : undefined,
    typeof region === "string" ? `regions/${region}` : undefined,
    typeof location === "string" ? `locations/${location}` : undefined,
  ].find((candidate) => candidate !== undefined);
  const collection = plural(camelCase(type.replace(/^google_(?:compute_)?(?:global_)?/, "")));
  return `projects/${text(project)}/${place ?? "global"}/${collection}/${text(values.name) || name}`;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function plural(noun: string): string {
  if (noun.endsWith("y")) return `${noun.slice(0, -1)}ies`;
  return noun.endsWith("s") || noun.endsWith("x") ? `${noun}es` : `${noun}s`;
}

function text(value: PlannedValue | undefined): string {
  return typeof value === "string" ? value : "";
}
