/**
 * Every name, link and private host name that one stack uses of another. Stacks never read each other's state: they
 * meet here, so each plans before anything exists and no reference can go stale (docs/adr/0002).
 */

/** Longest name of a Compute Engine resource (RFC 1035 label): https://cloud.google.com/compute/docs/naming-resources */
export const MAX_NAME_LENGTH = 63;
/** Longest service account id: https://cloud.google.com/iam/docs/service-accounts-create */
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

/** Kubernetes namespaces: the workload's, and that of the add-ons which it rests on. */
export const NAMESPACES = { serving: "llm-serving", platform: "platform" } as const;

/**
 * Kubernetes service account in the workload's namespace → the Google account that its pods act as. `web` is missing on
 * purpose: nginx calls nothing of Google's, so its pods are nobody there.
 */
export const POD_ACCOUNTS = {
  gateway: "gke-gateway",
  engine: "gke-engine",
  jobs: "gke-jobs",
  migration: "gke-migration",
} as const satisfies Readonly<Record<string, Workload>>;

/** Buckets, by what they hold. */
export const BUCKETS = ["models", "adapters", "backups", "authorities"] as const;
export type BucketPurpose = (typeof BUCKETS)[number];

/** Secrets, by what they hold. Values are added out of band and never pass through Terraform. */
export const SECRETS = ["grafana-admin", "slack-webhook", "smtp-login"] as const;
export type Secret = (typeof SECRETS)[number];

/** Upstream registries that Artifact Registry mirrors, so that a VM without an external address pulls from inside. */
export const REGISTRY_MIRRORS = {
  "docker-hub": "https://registry-1.docker.io",
  nvcr: "https://nvcr.io",
} as const;
export type RegistryMirror = keyof typeof REGISTRY_MIRRORS;

export interface NamingInput {
  /** Environment name, e.g. `production`. */
  readonly environment: string;
  /** Google Cloud project id. */
  readonly project: string;
  /** Region, e.g. `asia-northeast3`. */
  readonly region: string;
}

/**
 * A resource name: the parts joined by hyphens.
 * @throws RangeError where the result is no valid resource name; settings are checked before, so this is a defect.
 */
export function resourceName(...parts: readonly string[]): string {
  const name = parts.join("-");
  if (!/^[a-z](?:[-a-z0-9]*[a-z0-9])?$/.test(name) || name.length > MAX_NAME_LENGTH) {
    throw new RangeError(`"${name}" (${name.length} characters) is not a resource name of at most ${MAX_NAME_LENGTH}`);
  }
  return name;
}

/** A service account id, at most {@link MAX_ACCOUNT_ID_LENGTH} characters. @throws RangeError beyond that. */
function accountId(environment: string, workload: Workload): string {
  const id = resourceName(environment, workload);
  if (id.length > MAX_ACCOUNT_ID_LENGTH) {
    throw new RangeError(`"${id}" is longer than a service account id may be (${MAX_ACCOUNT_ID_LENGTH})`);
  }
  return id;
}

/** The names of one environment. Pure: equal inputs give equal names. */
export class Names {
  readonly environment: string;
  readonly project: string;
  readonly region: string;
  /** Common prefix, `terrace-<environment>`. */
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

  /** Range of addresses that private services access gives to Cloud SQL. */
  get servicesRange(): string {
    return this.of("services");
  }

  /** Cloud Armor policy of every backend service. */
  get securityPolicy(): string {
    return this.of("armor");
  }

  /** Log-based metric of errors. */
  get errorMetric(): string {
    return this.of("errors");
  }

  /** Backend service of a route class, e.g. `til`. */
  backendService(routeClass: string): string {
    return this.of(routeClass);
  }

  /** Bucket names are global, so they begin with the project id, which is too. */
  bucket(bucket: BucketPurpose): string {
    return resourceName(this.project, this.environment, bucket);
  }

  /** One per project; holds a prefix per stack. */
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

  /** As IAM bindings name it. */
  accountMember(workload: Workload): string {
    return `serviceAccount:${this.accountEmail(workload)}`;
  }

  /** Docker repository of our own images. */
  get repository(): string {
    return this.prefix;
  }

  mirrorRepository(mirror: RegistryMirror): string {
    return this.of(mirror);
  }

  /** `REGION-docker.pkg.dev/PROJECT/REPOSITORY`, without a trailing slash. */
  registryHost(repository: string): string {
    return `${this.region}-docker.pkg.dev/${this.project}/${repository}`;
  }

  /** Cloud DNS zone names (not domains). */
  get publicZone(): string {
    return this.of("public");
  }

  get privateZone(): string {
    return this.of("private");
  }

  /** Private domain with the trailing dot of DNS. Resolves inside the network only. */
  get privateDomain(): string {
    return `${this.environment}.terrace.internal.`;
  }

  /** Private host name without the trailing dot, e.g. `qdrant.production.terrace.internal`. */
  privateHost(service: typeof VECTOR_STORE | "postgres" | "redis" | "monitoring"): string {
    return `${service}.${this.privateDomain.slice(0, -1)}`;
  }

  get sqlInstance(): string {
    return this.of("postgres");
  }

  get redisInstance(): string {
    return this.of("redis");
  }

  /** Machine of the vector store. */
  get vectorStoreInstance(): string {
    return this.of(VECTOR_STORE);
  }

  /** Database of the app in {@link sqlInstance}. */
  get database(): string {
    return "terrace";
  }

  /** Workload Identity Federation pool; at most 32 characters. */
  get identityPool(): string {
    return this.of("ci");
  }

  /** Id of a custom role, which takes no hyphens. */
  customRole(workload: Workload): string {
    return this.of(workload).replaceAll("-", "_");
  }

  /** The GKE cluster, in {@link region}. */
  get cluster(): string {
    return this.of("gke");
  }

  get clusterSubnetwork(): string {
    return this.of("gke-nodes");
  }

  /** Secondary ranges of {@link clusterSubnetwork}. */
  get podsRange(): string {
    return this.of("gke-pods");
  }

  get clusterServicesRange(): string {
    return this.of("gke-services");
  }

  /**
   * Endpoint group of the gateway's pods, one of this name in each zone of the cluster. GKE makes them for the Service
   * with the annotation `cloud.google.com/neg: {"exposed_ports":{"<port>":{"name":"<this>"}}}`.
   */
  get gatewayEndpointGroup(): string {
    return this.of("gke-gateway");
  }

  /** Backend service over {@link gatewayEndpointGroup}. No route class is called `gke`. */
  get clusterBackendService(): string {
    return this.of("gke");
  }

  /** Global address of the GKE Ingress: `kubernetes.io/ingress.global-static-ip-name`. */
  get ingressAddress(): string {
    return this.of("gke-ingress");
  }

  /** Pool whose members Kubernetes service accounts are. One per project. */
  get workloadPool(): string {
    return `${this.project}.svc.id.goog`;
  }

  /** A Kubernetes service account as IAM bindings name it. */
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
