import { MemorystoreInstance as Instance } from "@cdktf/provider-google/lib/memorystore-instance";
import { NetworkConnectivityServiceConnectionPolicy } from "@cdktf/provider-google/lib/network-connectivity-service-connection-policy";
import { Construct } from "constructs";
import { valkeyNode, valkeyNodeCount } from "../../planning/valkey-nodes";

export interface MemorystoreInstanceProps {
  readonly name: string;
  readonly project: string;
  readonly region: string;
  readonly memoryGb: number;
  /** A replica in another zone, on nodes with a service-level agreement. */
  readonly highAvailability: boolean;
  /** In Google Cloud and in Terraform. */
  readonly deletionProtection: boolean;
  /** With the project's id. */
  readonly network: string;
  readonly subnetwork: string;
}

/** Redis clients work unchanged. https://cloud.google.com/memorystore/docs/valkey/supported-versions */
const ENGINE_VERSION = "VALKEY_8_0";

/**
 * Memorystore for Valkey: locks, limits and cache. Clients log in by IAM, with an access token as the password, so
 * there is no secret; `google_redis_instance` would write its `auth_string` into the state.
 * - Cluster mode is off: ordinary clients work; one shard, so one node's size.
 * - A single node may be a shared core without a service-level agreement; with `highAvailability` none is.
 * - A login outlives its token, but each new connection needs a fresh one.
 * - A service connection policy makes the endpoint's address; a network takes one policy a service class and region.
 * - Clients verify the instance's own CA (`managed_server_ca`), not its host name.
 * - Nothing is persisted: locks, limits and cache end by themselves.
 * @example
 * new MemorystoreInstance(this, "redis", {
 *   name: names.redisInstance, project: "acme", region: "asia-northeast3", memoryGb: 1, highAvailability: true,
 *   deletionProtection: true, network: names.networkLink(), subnetwork: names.subnetworkLink(),
 * });
 */
export class MemorystoreInstance extends Construct {
  /** Private IPv4 of the primary, known after the first apply. */
  readonly address: string;
  /** PEM of the instance's authority, known after the first apply. */
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
      // Monday 03:00 in Seoul.
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

/** One endpoint for writes and one for reads, in no promised order. */
function primaryAddress(instance: string): string {
  const connections = `flatten(${instance}.endpoints[*].connections[*].psc_auto_connection)`;
  return `\${one([for c in ${connections} : c.ip_address if c.connection_type == "CONNECTION_TYPE_PRIMARY"])}`;
}
