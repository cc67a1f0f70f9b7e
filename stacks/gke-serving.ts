import type { Construct } from "constructs";
import { applyAfter } from "../constructs/apply-after";
import { AuthoritiesConfigMap } from "../constructs/gke/authorities-config-map";
import { ClusterAccess } from "../constructs/gke/cluster-access";
import { LlmServingRelease } from "../constructs/gke/llm-serving/release";
import { type ReleaseStores, releaseValues } from "../constructs/gke/llm-serving/release-values";
import { backupRunner, backupVariables } from "../environment/backups";
import { clusterRollout, clusterUnit, hasSpot } from "../environment/cluster-unit";
import { embeddingEndpoint } from "../environment/embedding-endpoint";
import type { Environment } from "../environment/environment";
import { sharedStoresOfPods } from "../environment/store-addresses";
import { DATA_PORTS } from "../planning/data-ports";
import { imageReference } from "../planning/images";
import { AUTOSCALING_METRICS } from "../planning/metrics-api";
import { NAMESPACES, POD_ACCOUNTS } from "../planning/names";
import { basePath } from "../planning/paths";
import { rolloutTimeoutSeconds } from "../planning/rollout";
import { storeVariables } from "../planning/shared-stores";
import type { KubernetesSettings } from "../settings/schema/settings";
import { TerraceStack } from "./terrace-stack";

/** ConfigMap with the certificates by which pods verify the stores. */
const AUTHORITIES_CONFIG_MAP = "store-authorities";

/**
 * Step 2's workload: the release of `charts/llm-serving`, from the same serving unit as the VMs.
 *
 * It looks the cluster up while it is planned, so it plans only where that exists. No secret passes through it: pods act
 * as their Google accounts, and what the app is to read in secret it reads from Secret Manager.
 */
export class GkeServingStack extends TerraceStack {
  /** @throws RangeError where the settings have no cluster. */
  constructor(scope: Construct, environment: Environment) {
    super(scope, "gke-serving", environment);
    const { settings } = environment;
    const { kubernetes } = settings;
    if (kubernetes === null) throw new RangeError(`${settings.environment}: kubernetes is null, so nothing is served`);
    new ClusterAccess(this, "access", {
      cluster: this.names.cluster,
      location: settings.region,
      project: settings.project,
    });
    const release = this.addRelease(kubernetes);
    if (settings.data.kind === "managed") applyAfter(release, [this.addAuthorities()]);
  }

  private addAuthorities(): AuthoritiesConfigMap {
    const { names, settings } = this;
    return new AuthoritiesConfigMap(this, "authorities", {
      name: AUTHORITIES_CONFIG_MAP,
      namespace: NAMESPACES.serving,
      region: settings.region,
      sqlInstance: names.sqlInstance,
      redisInstance: names.redisInstance,
    });
  }

  /** What the pods need of the stores beside the gateway's variables; `undefined` where there are none. */
  private stores({ vectorStore }: KubernetesSettings): ReleaseStores | undefined {
    const { settings } = this;
    const migration = sharedStoresOfPods(this.environment, POD_ACCOUNTS.migration);
    if (migration === undefined) return undefined;
    const { servicesCidr, servingCidr } = settings.network;
    const inCluster = vectorStore === "cluster";
    const embeddings = embeddingEndpoint(this.environment);
    return {
      authoritiesConfigMap: AUTHORITIES_CONFIG_MAP,
      network: {
        stores: [
          { range: servicesCidr, port: DATA_PORTS.postgres },
          { range: servingCidr, port: DATA_PORTS.redis },
          ...(inCluster ? [] : [{ range: servingCidr, port: DATA_PORTS.vectorStore }]),
          ...(embeddings === undefined ? [] : [embeddings]),
        ],
        ...(inCluster ? { vectorsNamespace: NAMESPACES.platform } : {}),
      },
      migrationVariables: storeVariables(migration),
      backupVariables:
        backupRunner(this.environment) === "cluster" ? backupVariables(this.environment, POD_ACCOUNTS.jobs) : undefined,
    };
  }

  private addRelease(kubernetes: KubernetesSettings): LlmServingRelease {
    const { names, settings } = this;
    const { engines, gateway, colours } = kubernetes;
    const cluster = clusterUnit(this.environment, kubernetes);
    return new LlmServingRelease(this, "llm", {
      namespace: NAMESPACES.serving,
      timeoutSeconds: rolloutTimeoutSeconds(clusterRollout(cluster, kubernetes)),
      values: releaseValues({
        ...cluster,
        besideEngine: gateway.besideEngine,
        gatewayReplicas: { min: gateway.minReplicas, max: gateway.maxReplicas },
        greenImage: colours.greenImage && imageReference(names, colours.greenImage),
        spot: hasSpot(kubernetes),
        surgePods: engines.surgePods,
        metrics: AUTOSCALING_METRICS[kubernetes.metricsAdapter],
        targetGpuUtilization: kubernetes.targetGpuUtilization,
        drainingSeconds: settings.grace.loadBalancerDrainingSeconds,
        securityPolicy: names.securityPolicy,
        endpointGroup: names.gatewayEndpointGroup,
        ingress: {
          host: kubernetes.host,
          addressName: names.ingressAddress,
          // The policy of the load balancer in front of the VMs; same promise, TLS 1.2 and newer.
          sslPolicy: names.of("https"),
          gatewayPaths: this.gatewayPaths(),
        },
        accounts: {
          gateway: names.accountEmail(POD_ACCOUNTS.gateway),
          engine: names.accountEmail(POD_ACCOUNTS.engine),
          jobs: names.accountEmail(POD_ACCOUNTS.jobs),
          migration: names.accountEmail(POD_ACCOUNTS.migration),
        },
        stores: this.stores(kubernetes),
        warmSpare: kubernetes.warmSpare,
      }),
    });
  }

  /** As an Ingress writes prefixes: `/api` for `/api/*`. */
  private gatewayPaths(): string[] {
    const paths = Object.values(this.settings.routes).flatMap((route) => route.paths);
    return [...new Set(paths.map(basePath))];
  }
}
