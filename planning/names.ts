/**
 * What one stack uses of another. Stacks never read each other's state: they meet here, so each plans before anything
 * exists and no reference can go stale (docs/adr/0002).
 */

/** RFC 1035 label: https://cloud.google.com/compute/docs/naming-resources */
export const MAX_NAME_LENGTH = 63;
/** https://cloud.google.com/iam/docs/service-accounts-create */
export const MAX_ACCOUNT_ID_LENGTH = 30;

/** What the vector store's machine, account, private host, Helm release and Service are called. A new name would replace each. */
export const VECTOR_STORE = "qdrant";

/** Workloads with an identity of their own. */
export const WORKLOADS = [
  "llm-vm",
  "monitoring",
  VECTOR_STORE,
  "planner",
  "deployer",
  "gke-node",
  "gke-auto-node",
  "gke-gateway",
  "gke-engine",
  "gke-jobs",
  "gke-migration",
  "backup",
  "scheduler",
  "watchdog",
] as const;
export type Workload = (typeof WORKLOADS)[number];

export const NAMESPACES = { serving: "llm-serving", platform: "platform" } as const;

/** Kubernetes service account → Google account of its pods. nginx calls nothing of Google's, so `web` has none. */
export const POD_ACCOUNTS = {
  gateway: "gke-gateway",
  engine: "gke-engine",
  jobs: "gke-jobs",
  migration: "gke-migration",
} as const satisfies Readonly<Record<string, Workload>>;

export const BUCKETS = ["models", "adapters", "backups", "authorities"] as const;
export type BucketPurpose = (typeof BUCKETS)[number];

/** Values are added out of band and never pass through Terraform. */
export const SECRETS = ["grafana-admin", "slack-webhook", "smtp-login"] as const;
export type Secret = (typeof SECRETS)[number];

/** Mirrored by Artifact Registry, for machines without an external address. */
export const REGISTRY_MIRRORS = {
  "docker-hub": "https://registry-1.docker.io",
  nvcr: "https://nvcr.io",
} as const;
export type RegistryMirror = keyof typeof REGISTRY_MIRRORS;

export interface NamingInput {
  readonly environment: string;
  readonly project: string;
  readonly region: string;
}

/** @throws RangeError where the result is no resource name; settings are checked before. */
export function resourceName(...parts: readonly string[]): string {
  const name = parts.join("-");
  if (!/^[a-z](?:[-a-z0-9]*[a-z0-9])?$/.test(name) || name.length > MAX_NAME_LENGTH) {
    throw new RangeError(`"${name}" (${name.length} characters) is not a resource name of at most ${MAX_NAME_LENGTH}`);
  }
  return name;
}

/** @throws RangeError beyond {@link MAX_ACCOUNT_ID_LENGTH} characters. */
function accountId(environment: string, workload: Workload): string {
  const id = resourceName(environment, workload);
  if (id.length > MAX_ACCOUNT_ID_LENGTH) {
    throw new RangeError(`"${id}" is longer than a service account id may be (${MAX_ACCOUNT_ID_LENGTH})`);
  }
  return id;
}

/** Pure: equal inputs give equal names. */
export class Names {
  readonly environment: string;
  readonly project: string;
  readonly region: string;
  readonly prefix: string;

  constructor(input: NamingInput) {
    this.environment = input.environment;
    this.project = input.project;
    this.region = input.region;
    this.prefix = resourceName("terrace", input.environment);
  }

  /** `terrace-<environment>-<parts>`. */
  of(...parts: readonly string[]): string {
    return resourceName(this.prefix, ...parts);
  }

  get network(): string {
    return this.prefix;
  }

  get subnetwork(): string {
    return this.of("serving");
  }

  /** Of Cloud SQL's addresses (private services access). */
  get servicesRange(): string {
    return this.of("services");
  }

  get securityPolicy(): string {
    return this.of("armor");
  }

  get errorMetric(): string {
    return this.of("errors");
  }

  backendService(routeClass: string): string {
    return this.of(routeClass);
  }

  /** Global, so they begin with the project id. */
  bucket(bucket: BucketPurpose): string {
    return resourceName(this.project, this.environment, bucket);
  }

  /** Holds a prefix per stack. */
  get stateBucket(): string {
    return resourceName(this.project, this.environment, "state");
  }

  secret(secret: Secret): string {
    return this.of(secret);
  }

  accountId(workload: Workload): string {
    return accountId(this.environment, workload);
  }

  accountEmail(workload: Workload): string {
    return `${this.accountId(workload)}@${this.project}.iam.gserviceaccount.com`;
  }

  accountMember(workload: Workload): string {
    return `serviceAccount:${this.accountEmail(workload)}`;
  }

  /** Of our own images. */
  get repository(): string {
    return this.prefix;
  }

  mirrorRepository(mirror: RegistryMirror): string {
    return this.of(mirror);
  }

  /** Without a trailing slash. */
  registryHost(repository: string): string {
    return `${this.region}-docker.pkg.dev/${this.project}/${repository}`;
  }

  /** Names, not domains. */
  get publicZone(): string {
    return this.of("public");
  }

  get privateZone(): string {
    return this.of("private");
  }

  /** With the trailing dot of DNS. Resolves inside the network only. */
  get privateDomain(): string {
    return `${this.environment}.terrace.internal.`;
  }

  /** Without the trailing dot, e.g. `qdrant.production.terrace.internal`. */
  privateHost(service: typeof VECTOR_STORE | "postgres" | "redis" | "monitoring"): string {
    return `${service}.${this.privateDomain.slice(0, -1)}`;
  }

  get sqlInstance(): string {
    return this.of("postgres");
  }

  get redisInstance(): string {
    return this.of("redis");
  }

  get vectorStoreInstance(): string {
    return this.of(VECTOR_STORE);
  }

  get database(): string {
    return "terrace";
  }

  /** At most 32 characters. */
  get identityPool(): string {
    return this.of("ci");
  }

  /** Takes no hyphens. */
  customRole(workload: Workload): string {
    return this.of(workload).replaceAll("-", "_");
  }

  get cluster(): string {
    return this.of("gke");
  }

  get clusterSubnetwork(): string {
    return this.of("gke-nodes");
  }

  get podsRange(): string {
    return this.of("gke-pods");
  }

  get clusterServicesRange(): string {
    return this.of("gke-services");
  }

  /**
   * One in each zone of the cluster, made by GKE for the gateway's Service with `cloud.google.com/neg:
   * {"exposed_ports":{"<port>":{"name":"<this>"}}}`.
   */
  get gatewayEndpointGroup(): string {
    return this.of("gke-gateway");
  }

  /** No route class is called `gke`. */
  get clusterBackendService(): string {
    return this.of("gke");
  }

  /** `kubernetes.io/ingress.global-static-ip-name`. */
  get ingressAddress(): string {
    return this.of("gke-ingress");
  }

  /** One per project. */
  get workloadPool(): string {
    return `${this.project}.svc.id.goog`;
  }

  podMember(namespace: string, serviceAccount: string): string {
    return `serviceAccount:${this.workloadPool}[${namespace}/${serviceAccount}]`;
  }

  endpointGroupLink(zone: string, endpointGroup: string): string {
    return `projects/${this.project}/zones/${zone}/networkEndpointGroups/${endpointGroup}`;
  }

  networkLink(): string {
    return `projects/${this.project}/global/networks/${this.network}`;
  }

  subnetworkLink(): string {
    return `projects/${this.project}/regions/${this.region}/subnetworks/${this.subnetwork}`;
  }

  securityPolicyLink(): string {
    return `projects/${this.project}/global/securityPolicies/${this.securityPolicy}`;
  }

  backendServiceLink(routeClass: string): string {
    return `projects/${this.project}/global/backendServices/${this.backendService(routeClass)}`;
  }
}
