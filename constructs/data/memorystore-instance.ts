import { MemorystoreInstance as Instance } from "@cdktf/provider-google/lib/memorystore-instance";
import { NetworkConnectivityServiceConnectionPolicy } from "@cdktf/provider-google/lib/network-connectivity-service-connection-policy";
import { Construct } from "constructs";
import { valkeyNode, valkeyNodeCount } from "../../planning/valkey-nodes";

export interface MemorystoreInstanceProps {
  readonly name: string;
  readonly project: string;
  readonly region: string;
  /** GB that keys and values may take. */
  readonly memoryGb: number;
  /** A replica in another zone, on nodes that have a service-level agreement. */
  readonly highAvailability: boolean;
  /** Google refuses to delete the instance, and Terraform to destroy it. */
  readonly deletionProtection: boolean;
  /** Network link, with the project's id. */
  readonly network: string;
  /** Link of the subnet that the endpoint's addresses come from. */
  readonly subnetwork: string;
}

/** https://cloud.google.com/memorystore/docs/valkey/supported-versions; Redis clients and commands work unchanged. */
const ENGINE_VERSION = "VALKEY_8_0";

/**
 * Memorystore for Valkey, the successor of Memorystore for Redis, for locks, limits and cache: authenticated and
 * encrypted, with no secret.
 *
 * Why not `google_redis_instance`: with AUTH its password is the attribute `auth_string`, which Terraform reads back
 * into its state at every refresh; nothing can keep it out. Here a client logs in by IAM, with an access token as the
 * password, so there is nothing to store, rotate or leak. Why not Redis Cluster: it needs a cluster client.
 *
 * - Cluster mode is off: an ordinary client works, and commands may use keys of any slot. One shard, so one node's size.
 * - A single node is the smallest that fits, which may be a shared core without a service-level agreement. With
 *   `highAvailability` no node shares its core.
 * - A login outlives its token by hours, but a new connection needs a fresh one: ask the metadata server each time.
 * - The endpoint is a Private Service Connect address in the machines' subnet, made by a service connection policy; a
 *   network takes one policy for each service class and region.
 * - Clients verify the certificate against the instance's own CA (`managed_server_ca`), not by host name.
 * - Nothing is persisted: what is lost with a restart is locks, limits and cache, which all end by themselves.
 *
 * @example
 * new MemorystoreInstance(this, "redis", {
 *   name: names.redisInstance, project: "acme", region: "asia-northeast3", memoryGb: 1, highAvailability: true,
 *   deletionProtection: true, network: names.networkLink(), subnetwork: names.subnetworkLink(),
 * });
 */
export class MemorystoreInstance extends Construct {
  /** Private IPv4 address of the node that takes writes, known after the first apply. */
  readonly address: string;
  /** Certificates of the authority that signed the instance's own, PEM, known after the first apply. */
  readonly authority: string;

  constructor(scope: Construct, id: string, props: MemorystoreInstanceProps) {
    super(scope, id);
    const policy = new NetworkConnectivityServiceConnectionPolicy(this, "connection-policy", {
      name: props.name,
      location: props.region,
      network: props.network,
      serviceClass: "gcp-memorystore",
      description: "Lets Memorystore put its endpoints into the machines' subnet.",
      pscConfig: { subnetworks: [props.subnetwork] },
    });
    const instance = new Instance(this, "instance", {
      instanceId: props.name,
      location: props.region,
      mode: "CLUSTER_DISABLED",
      engineVersion: ENGINE_VERSION,
      nodeType: valkeyNode(props.memoryGb, { production: props.highAvailability }).type,
      shardCount: 1,
      replicaCount: valkeyNodeCount(props) - 1,
      authorizationMode: "IAM_AUTH",
      transitEncryptionMode: "SERVER_AUTHENTICATION",
      persistenceConfig: { mode: "DISABLED" },
      deletionProtectionEnabled: props.deletionProtection,
      desiredAutoCreatedEndpoints: [{ network: props.network, projectId: props.project }],
      // Sunday 18:00 UTC, Monday 03:00 in Seoul.
      maintenancePolicy: {
        weeklyMaintenanceWindow: [{ day: "SUNDAY", startTime: { hours: 18, minutes: 0, seconds: 0, nanos: 0 } }],
      },
      lifecycle: props.deletionProtection ? { preventDestroy: true } : undefined,
      dependsOn: [policy],
    });
    this.address = primaryAddress(instance.fqn);
    const certificates = `flatten(${instance.fqn}.managed_server_ca[*].ca_certs[*].certificates)`;
    this.authority = `\${join("\\n", ${certificates})}`;
  }
}

/** Without cluster mode an instance has an endpoint for writes and one for reads, in no promised order. */
function primaryAddress(instance: string): string {
  const connections = `flatten(${instance}.endpoints[*].connections[*].psc_auto_connection)`;
  return `\${one([for c in ${connections} : c.ip_address if c.connection_type == "CONNECTION_TYPE_PRIMARY"])}`;
}
