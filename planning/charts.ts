/**
 * The charts of others that the platform installs: where they come from, at which version, and where instead in a
 * closed network. The one place to change a version (docs/guides/platform.md says what else an upgrade needs).
 */

interface ThirdPartyChart {
  /** Chart repository: `oci://…`, or the URL of an index. */
  readonly repository: string;
  /** Exact version of the chart, not of what it installs. */
  readonly version: string;
}

/** Chart → source and version. */
export const THIRD_PARTY_CHARTS = {
  /** Prometheus, Alertmanager, Grafana, their operator and its custom resources. https://github.com/prometheus-community/helm-charts */
  "kube-prometheus-stack": { repository: "oci://ghcr.io/prometheus-community/charts", version: "88.5.3" },
  /** Same source. */
  "prometheus-adapter": { repository: "oci://ghcr.io/prometheus-community/charts", version: "5.3.0" },
  /** https://github.com/NVIDIA/dcgm-exporter#quickstart-on-kubernetes */
  "dcgm-exporter": { repository: "https://nvidia.github.io/dcgm-exporter/helm-charts", version: "4.8.2" },
  /** Carries the version of the Qdrant that step 1 runs, so that a snapshot moves between the two. https://github.com/qdrant/qdrant-helm */
  qdrant: { repository: "https://qdrant.github.io/qdrant-helm", version: "1.15.4" },
} as const satisfies Readonly<Record<string, ThirdPartyChart>>;
export type ChartName = keyof typeof THIRD_PARTY_CHARTS;

/**
 * Registries of the images in those charts, beside the mirrors that step 1 has: name of the mirror → upstream. Nodes
 * reach no registry but Artifact Registry.
 */
export const CHART_IMAGE_REGISTRIES = {
  quay: "https://quay.io",
  ghcr: "https://ghcr.io",
  kubernetes: "https://registry.k8s.io",
} as const;
export type ChartImageRegistry = keyof typeof CHART_IMAGE_REGISTRIES;

/** Where one chart is fetched from. */
export type ChartSource =
  | { readonly kind: "repository"; readonly repository: string; readonly version: string }
  /** A file as `helm pull` writes it. */
  | { readonly kind: "file"; readonly path: string; readonly version: string };

/**
 * Source of a chart.
 * @param mirror OCI prefix (`oci://registry.example.com/charts`) or folder that holds every chart instead. @default each chart's own repository
 */
export function chartSource(chart: ChartName, mirror?: string): ChartSource {
  const { repository, version } = THIRD_PARTY_CHARTS[chart];
  if (mirror === undefined) return { kind: "repository", repository, version };
  const place = mirror.replace(/\/+$/, "");
  return place.startsWith("oci://")
    ? { kind: "repository", repository: place, version }
    : { kind: "file", path: `${place}/${chart}-${version}.tgz`, version };
}
