/** Charts of others that the platform installs. The one place to change a version (docs/guides/platform.md). */

interface ThirdPartyChart {
  /** Chart repository: `oci://…`, or the URL of an index. */
  readonly repository: string;
  readonly version: string;
}

export const THIRD_PARTY_CHARTS = {
  /** https://github.com/prometheus-community/helm-charts */
  "kube-prometheus-stack": { repository: "oci://ghcr.io/prometheus-community/charts", version: "88.5.3" },
  "prometheus-adapter": { repository: "oci://ghcr.io/prometheus-community/charts", version: "5.3.0" },
  /** https://github.com/NVIDIA/dcgm-exporter#quickstart-on-kubernetes */
  "dcgm-exporter": { repository: "https://nvidia.github.io/dcgm-exporter/helm-charts", version: "4.8.2" },
  /** Of the version of step 1's Qdrant, so that a snapshot moves between the two. https://github.com/qdrant/qdrant-helm */
  qdrant: { repository: "https://qdrant.github.io/qdrant-helm", version: "1.18.3" },
} as const satisfies Readonly<Record<string, ThirdPartyChart>>;
export type ChartName = keyof typeof THIRD_PARTY_CHARTS;

/** Mirrors of the registries in those charts: nodes reach no registry but Artifact Registry. */
export const CHART_IMAGE_REGISTRIES = {
  quay: "https://quay.io",
  ghcr: "https://ghcr.io",
  kubernetes: "https://registry.k8s.io",
} as const;
export type ChartImageRegistry = keyof typeof CHART_IMAGE_REGISTRIES;

export type ChartSource =
  | { readonly kind: "repository"; readonly repository: string; readonly version: string }
  /** As `helm pull` writes it. */
  | { readonly kind: "file"; readonly path: string; readonly version: string };

/** @param mirror OCI prefix (`oci://registry.example.com/charts`) or folder. @default each chart's own repository */
export function chartSource(chart: ChartName, mirror?: string): ChartSource {
  const { repository, version } = THIRD_PARTY_CHARTS[chart];
  if (mirror === undefined) return { kind: "repository", repository, version };
  const place = mirror.replace(/\/+$/, "");
  return place.startsWith("oci://")
    ? { kind: "repository", repository: place, version }
    : { kind: "file", path: `${place}/${chart}-${version}.tgz`, version };
}
