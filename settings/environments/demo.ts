import type { SettingsInput } from "../schema/settings";

/** The cheapest real thing: one Spot VM with one L4, plain HTTP, the app's embedded stores. */
const demo: SettingsInput = {
  environment: "demo",
  profile: "demo",
  project: "terrace-demo",
  region: "asia-northeast3",
  stateBackend: "local",
  // Numbers as in production.ts.
  ci: { repository: "terrace-llm/terrace", repositoryId: 1, repositoryOwnerId: 1, branch: "main" },

  network: { servingCidr: "10.10.0.0/24", servicesCidr: "10.11.0.0/24" },

  machine: { type: "g2-standard-8", bootDiskGb: 100 },
  onDemandFloor: 0,
  groups: [
    {
      name: "ai-1",
      zone: "asia-northeast3-a",
      instances: { kind: "unmanaged", vms: [{ name: "llm-vm-1", provisioning: "spot" }] },
      engines: [{ model: "gemma3-12b-it-gptq", gpu: 0, memoryShare: 0.9, maxNumSeqs: 24 }],
    },
  ],
  routes: {
    til: { model: "gemma3-12b-it-gptq", groups: ["ai-1"] },
    news: { model: "gemma3-12b-it-gptq", groups: ["ai-1"] },
    interview: { model: "gemma3-12b-it-gptq", groups: ["ai-1"] },
    api: { model: "gemma3-12b-it-gptq", groups: ["ai-1"] },
  },
  balancing: { mode: "utilization", maxUtilization: 0.8, maxRatePerInstance: 3 },
  // A reclaimed Spot VM has 30 seconds in all: 5 + 20 + 4.
  grace: { loadBalancerDrainingSeconds: 60, preStopSeconds: 5, gatewayDrainSeconds: 20, engineShutdownSeconds: 4 },

  images: {
    app: { registry: "own", name: "app", tag: "latest" },
    engine: { registry: "docker-hub", name: "vllm/vllm-openai", tag: "v0.33.0" },
    dcgmExporter: { registry: "nvcr", name: "nvidia/k8s/dcgm-exporter", tag: "4.4.1-4.6.0-ubuntu22.04" },
    nodeExporter: { registry: "docker-hub", name: "prom/node-exporter", tag: "v1.9.1" },
    vectorStore: { registry: "docker-hub", name: "qdrant/qdrant", tag: "v1.18.3" },
    prometheus: { registry: "docker-hub", name: "prom/prometheus", tag: "v3.5.0" },
    alertmanager: { registry: "docker-hub", name: "prom/alertmanager", tag: "v0.28.1" },
    grafana: { registry: "docker-hub", name: "grafana/grafana", tag: "12.1.1" },
    blackboxExporter: { registry: "docker-hub", name: "prom/blackbox-exporter", tag: "v0.27.0" },
    collector: { registry: "docker-hub", name: "otel/opentelemetry-collector-contrib", tag: "0.139.0" },
  },

  data: { kind: "none" },
  budget: { monthlyUsd: 300 },
};

export default demo;
