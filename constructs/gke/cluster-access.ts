import { DataGoogleClientConfig } from "@cdktf/provider-google/lib/data-google-client-config";
import { DataGoogleContainerCluster } from "@cdktf/provider-google/lib/data-google-container-cluster";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { Construct } from "constructs";

/** Host names of Artifact Registry. */
const ARTIFACT_REGISTRY = /^oci:\/\/[a-z0-9-]+-docker\.pkg\.dev(?:\/|$)/;

export interface ClusterAccessProps {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Region, or zone, of the cluster. */
  readonly location: string;
  /** Project id of the cluster. */
  readonly project: string;
  /**
   * OCI registry to log in to for charts. Only Artifact Registry takes the login: it is that of whoever applies.
   * @default charts come from where no login is needed
   */
  readonly chartRegistry?: string | undefined;
}

/**
 * The kubernetes and helm providers of a stack, led to a cluster that another stack made.
 *
 * The cluster is looked up by name when the stack is planned, never taken from a state: credentials from the state that
 * makes the cluster are unknown while it is planned and stale once it is replaced. So such a stack plans only where the
 * cluster exists.
 *
 * The way in is the control plane's DNS endpoint. It has a certificate that everybody trusts, asks IAM
 * (`container.clusters.connect`), and needs no address to be opened. The token is that of whoever applies. It is valid for
 * an hour at most, and lies in this stack's state for that long: the google provider has no ephemeral form of it (6.50).
 *
 * Helm keeps its releases in ConfigMaps, not in Secrets: there is nothing secret in them, and whoever may only plan reads
 * no Secret (`roles/container.viewer`). By hand: `HELM_DRIVER=configmap helm list`.
 *
 * One for a stack: both providers are its defaults.
 *
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
