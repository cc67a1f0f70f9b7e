import { DataGoogleClientConfig } from "@cdktf/provider-google/lib/data-google-client-config";
import { DataGoogleContainerCluster } from "@cdktf/provider-google/lib/data-google-container-cluster";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { Construct } from "constructs";

const ARTIFACT_REGISTRY = /^oci:\/\/[a-z0-9-]+-docker\.pkg\.dev(?:\/|$)/;

export interface ClusterAccessProps {
  readonly cluster: string;
  /** Region or zone. */
  readonly location: string;
  readonly project: string;
  /** OCI registry for charts. Only Artifact Registry takes the login of whoever applies. @default no login */
  readonly chartRegistry?: string | undefined;
}

/**
 * The kubernetes and helm providers of a stack, one each. The cluster is looked up by name while planning, never in a
 * state, whose credentials would be unknown or stale; so such a stack plans only where the cluster exists.
 * The way in is the control plane's DNS endpoint: its certificate is public, and IAM decides
 * (`container.clusters.connect`). The token is the applying person's and lies in the state for its hour, because the
 * google provider (6.50) has no ephemeral form.
 * Releases are in ConfigMaps, which `roles/container.viewer` may read: `HELM_DRIVER=configmap helm list`.
 * @example
 * new ClusterAccess(this, "cluster", { cluster: names.cluster, location: "asia-northeast3", project: "acme" });
 */
export class ClusterAccess extends Construct {
  constructor(scope: Construct, id: string, { cluster, location, project, chartRegistry }: ClusterAccessProps) {
    super(scope, id);
    const { accessToken } = new DataGoogleClientConfig(this, "client");
    const found = new DataGoogleContainerCluster(this, "cluster", { name: cluster, location, project });
    const { endpoint } = found.controlPlaneEndpointsConfig.get(0).dnsEndpointConfig.get(0);
    const access = { host: `https://${endpoint}`, token: accessToken };
    new KubernetesProvider(this, "kubernetes", access);
    new HelmProvider(this, "helm", {
      kubernetes: access,
      helmDriver: "configmap",
      ...(chartRegistry !== undefined && ARTIFACT_REGISTRY.test(chartRegistry)
        ? { registries: [{ url: chartRegistry, username: "oauth2accesstoken", password: accessToken }] }
        : {}),
    });
  }
}
