import type { SettingsInput } from "../schema/settings";

/** Two groups in two zones behind one domain, with managed data stores and alerts. */
const production: SettingsInput = {
  environment: "production",
  profile: "production",
  project: "terrace-production",
  region: "asia-northeast3",
  labels: { team: "ai-platform" },
  stateBackend: "gcs",
  ci: {
    repository: "terrace-llm/terrace",
    // No token of GitHub's has this name with these numbers. Put in yours: `gh api repos/OWNER/NAME --jq .id,.owner.id`.
    repositoryId: 1,
    repositoryOwnerId: 1,
    branch: "main",
    githubEnvironment: "production",
  },
  operators: ["group:llm-operators@example.com"],
  domain: { host: "llm.example.com", dnsZone: "example.com" },

  network: { servingCidr: "10.20.0.0/20", servicesCidr: "10.21.0.0/20" },

  // Two L4s a machine: Gemma 12B has one to itself. The 30 concurrent requests of R-2 need that, and hold while
  // prompt and answer stay below 985 tokens (docs/capacity.md).
  machine: { type: "g2-standard-24", bootDiskGb: 200 },
  onDemandFloor: 2,
  groups: [
    {
      name: "ai-1",
      zone: "asia-northeast3-a",
      instances: { kind: "unmanaged", vms: [{ name: "llm-vm-1" }] },
      engines: [
        { model: "gemma3-12b-it-gptq", gpu: 0, memoryShare: 0.9, maxNumSeqs: 24, maxLoras: 4 },
        { model: "gemma3-4b-it", gpu: 1, memoryShare: 0.55, maxNumSeqs: 16 },
        { model: "mistral-7b-instruct-gptq", gpu: 1, memoryShare: 0.35, maxNumSeqs: 12 },
      ],
    },
    {
      name: "ai-2",
      zone: "asia-northeast3-b",
      instances: { kind: "unmanaged", vms: [{ name: "llm-vm-2" }] },
      engines: [
        { model: "gemma3-12b-it-gptq", gpu: 0, memoryShare: 0.9, maxNumSeqs: 24, maxLoras: 4 },
        { model: "gemma3-4b-it", gpu: 1, memoryShare: 0.55, maxNumSeqs: 16 },
        { model: "mistral-7b-instruct-gptq", gpu: 1, memoryShare: 0.35, maxNumSeqs: 12 },
      ],
    },
  ],
  routes: {
    til: { model: "gemma3-12b-it-gptq", groups: ["ai-1", "ai-2"] },
    news: { model: "gemma3-4b-it", groups: ["ai-1", "ai-2"] },
    interview: {
      model: "mistral-7b-instruct-gptq",
      groups: ["ai-1", "ai-2"],
      // A long queue, or an engine that is down: the small model answers.
      fallback: "news",
    },
    api: { model: "gemma3-12b-it-gptq", groups: ["ai-1", "ai-2"] },
  },
  // Nobody has the token of this hash. Put in what `npm run token -- ci --users "*"` prints.
  serviceTokens: [{ name: "ci", role: "service", sha256: "0".repeat(64) }],
  balancing: { mode: "utilization", maxUtilization: 0.8, maxRatePerInstance: 3 },
  rateLimit: { requestsPerMinute: 600 },
  grace: { loadBalancerDrainingSeconds: 300, preStopSeconds: 15, gatewayDrainSeconds: 240, engineShutdownSeconds: 30 },
  modelSource: "gcs",

  images: {
    // CI sets these two digests after its push (TERRACE_PRODUCTION_APP_IMAGE, TERRACE_PRODUCTION_ENGINE_IMAGE).
    app: { registry: "own", name: "app", digest: `sha256:${"0".repeat(64)}` },
    engine: { registry: "own", name: "vllm", tag: "v0.33.0", digest: `sha256:${"0".repeat(64)}` },
    dcgmExporter: {
      registry: "nvcr",
      name: "nvidia/k8s/dcgm-exporter",
      tag: "4.4.1-4.6.0-ubuntu22.04",
      digest: "sha256:b7a4241c608253aa829041cc3575ea57082491251a4a626bcdddc68eaf9a3101",
    },
    nodeExporter: {
      registry: "docker-hub",
      name: "prom/node-exporter",
      tag: "v1.9.1",
      digest: "sha256:d00a542e409ee618a4edc67da14dd48c5da66726bbd5537ab2af9c1dfc442c8a",
    },
    vectorStore: {
      registry: "docker-hub",
      name: "qdrant/qdrant",
      // The index's digest as published configurations of others name it, not compared with the registry:
      // `docker buildx imagetools inspect qdrant/qdrant:v1.18.3` prints it (docs/guides/platform.md).
      tag: "v1.18.3",
      digest: "sha256:0bd98fa7977f1e75694779359ca4e212822e5a71334e28421182f72f209d5286",
    },
    prometheus: {
      registry: "docker-hub",
      name: "prom/prometheus",
      tag: "v3.5.0",
      digest: "sha256:63805ebb8d2b3920190daf1cb14a60871b16fd38bed42b857a3182bc621f4996",
    },
    alertmanager: {
      registry: "docker-hub",
      name: "prom/alertmanager",
      tag: "v0.28.1",
      digest: "sha256:27c475db5fb156cab31d5c18a4251ac7ed567746a2483ff264516437a39b15ba",
    },
    grafana: {
      registry: "docker-hub",
      name: "grafana/grafana",
      tag: "12.1.1",
      digest: "sha256:a1701c2180249361737a99a01bc770db39381640e4d631825d38ff4535efa47d",
    },
    blackboxExporter: {
      registry: "docker-hub",
      name: "prom/blackbox-exporter",
      tag: "v0.27.0",
      digest: "sha256:a50c4c0eda297baa1678cd4dc4712a67fdea713b832d43ce7fcc5f9bea05094d",
    },
    collector: {
      registry: "docker-hub",
      name: "otel/opentelemetry-collector-contrib",
      tag: "0.139.0",
      digest: "sha256:faf125d656fa47cea568b2f3b4494efd2525083bc75c1e96038bc23f05cd68fd",
    },
  },

  data: {
    kind: "managed",
    postgres: { tier: "db-custom-2-7680", storageGb: 20, highAvailability: true, pointInTimeRecovery: true },
    redis: { memoryGb: 1, highAvailability: true },
    vectorStore: { zone: "asia-northeast3-a", machineType: "e2-standard-2", diskGb: 50 },
    deletionProtection: true,
  },
  monitoring: { zone: "asia-northeast3-b", machineType: "e2-standard-2", diskGb: 50, retentionDays: 30 },
  kubernetes: {
    host: "gke.llm.example.com",
    zones: ["asia-northeast3-a", "asia-northeast3-b"],
    network: {
      nodesCidr: "10.22.0.0/22",
      podsCidr: "10.32.0.0/14",
      servicesCidr: "10.36.0.0/20",
      controlPlaneCidr: "10.37.0.0/28",
    },
    cpuPool: { minNodes: 2, maxNodes: 4 },
    gpuPool: { minNodes: 2, maxNodes: 12, spotMaxNodes: 0 },
    // The whole cluster: twelve GPU nodes of 8 vCPUs and 32 GB, and eight others of 4 and 16.
    autoProvisioning: { maxCpu: 128, maxMemoryGb: 512, maxL4: 12 },
    // Twelve for the cluster and four that the two VMs hold; four to spare.
    quota: { l4: 20 },
    engines: { minReplicas: 2, maxReplicas: 4 },
  },
  alerts: {
    emails: ["llm-alerts@example.com"],
    slackChannel: "#llm-alerts",
    smtp: { smarthost: "smtp.example.com:587", from: "terrace@example.com", username: "terrace@example.com" },
  },
  // VMs and cluster side by side, the cluster at its largest. Lower it when the VMs are gone.
  budget: { monthlyUsd: 16000 },
};

export default production;
