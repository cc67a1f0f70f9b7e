import { DataGoogleMemorystoreInstance } from "@cdktf/provider-google/lib/data-google-memorystore-instance";
import { DataGoogleSqlDatabaseInstance } from "@cdktf/provider-google/lib/data-google-sql-database-instance";
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { Construct } from "constructs";
import { AUTHORITIES } from "../../planning/shared-stores";

export interface AuthoritiesConfigMapProps {
  readonly name: string;
  readonly namespace: string;
  readonly region: string;
  /** Must exist: this stack plans only where the cluster exists, too. */
  readonly sqlInstance: string;
  readonly redisInstance: string;
}

/**
 * Public certificates of the stores' authorities. A pod reads them when it starts: after Google has added a successor,
 * apply, then restart the gateways.
 * @example
 * new AuthoritiesConfigMap(this, "authorities", {
 *   name: "store-authorities", namespace: "llm-serving", region: "asia-northeast3",
 *   sqlInstance: names.sqlInstance, redisInstance: names.redisInstance,
 * });
 */
export class AuthoritiesConfigMap extends Construct {
  constructor(scope: Construct, id: string, props: AuthoritiesConfigMapProps) {
    super(scope, id);
    const postgres = new DataGoogleSqlDatabaseInstance(this, "postgres", { name: props.sqlInstance });
    const redis = new DataGoogleMemorystoreInstance(this, "redis", {
      instanceId: props.redisInstance,
      location: props.region,
    });
    const redisCertificates = `flatten(${redis.fqn}.managed_server_ca[*].ca_certs[*].certificates)`;
    new ConfigMapV1(this, "map", {
      metadata: { name: props.name, namespace: props.namespace },
      data: {
        [AUTHORITIES.postgres]: `\${join("", ${postgres.fqn}.server_ca_cert[*].cert)}`,
        [AUTHORITIES.redis]: `\${join("\\n", ${redisCertificates})}`,
      },
    });
  }
}
