import type { Construct } from "constructs";
import { ClusterAccess } from "../constructs/gke/cluster-access";
import { LlmServingRelease } from "../constructs/gke/llm-serving/release";
import { releaseValues } from "../constructs/gke/llm-serving/release-values";
import { rolloutTimeoutSeconds } from "../planning/cold-start";
import { imageReference } from "../planning/images";
import { AUTOSCALING_METRICS } from "../planning/metrics-api";
import { NAMESPACES, POD_ACCOUNTS } from "../planning/names";
import { basePath } from "../planning/paths";
import { clusterUnit, hasSpot } from "../settings/cluster-unit";
import type { KubernetesSettings, Settings } from "../settings/settings";
import { TerraceStack } from "./terrace-stack";

/**
 * Step 2's workload: the release of `charts/llm-serving`, from the same serving unit as the VMs.
 *
 * It looks the cluster up while it is planned, so it plans only where that exists. No secret passes through it: pods act
 * as their Google accounts, and what the app is to read in secret it reads from Secret Manager.
 */
export class GkeServingStack extends TerraceStack {
  /** @throws RangeError where the settings ask for no cluster. */
  constructor(scope: Construct, settings: Settings) {
    super(scope, "gke-serving", settings);
    const { kubernetes } = settings;
    if (kubernetes === null) throw new RangeError(`${settings.environment}: kubernetes is null, so nothing is served`);
    new ClusterAccess(this, "access", {
      cluster: this.names.cluster,
      location: settings.region,
      project: settings.project,
    });
    this.addRelease(kubernetes);
  }

  private addRelease(kubernetes: KubernetesSettings): void {
    const { names, settings } = this;
    const { engines, gateway, colours } = kubernetes;
    const cluster = clusterUnit(settings, names, kubernetes);
    const { preStopSeconds, gatewayDrainSeconds, engineShutdownSeconds } = cluster.engineGrace;
    new LlmServingRelease(this, "llm", {
      namespace: NAMESPACES.serving,
      timeoutSeconds: rolloutTimeoutSeconds({
        models: cluster.unit.models,
        replicas: engines.maxReplicas,
        stopSeconds: preStopSeconds + gatewayDrainSeconds + engineShutdownSeconds,
      }),
      values: releaseValues({
        ...cluster,
        besideEngine: gateway.besideEngine,
        gatewayReplicas: { min: gateway.minReplicas, max: gateway.maxReplicas },
        greenImage: colours.greenImage && imageReference(names, colours.greenImage),
        spot: hasSpot(kubernetes),
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
        },
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
