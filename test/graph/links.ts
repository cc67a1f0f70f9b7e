import type { Settings } from "../../settings/schema/settings";
import { strings, textAt, textsAt } from "../support/json";
import { type EnvironmentView, type PlacedResource, resourcesIn, type StackView } from "../support/stack-view";
import { type Violation, violation } from "../support/violation";

/** Collection in a link → type that makes its members. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  addresses: "google_compute_global_address",
  backendServices: "google_compute_backend_service",
  healthChecks: "google_compute_health_check",
  instanceGroups: "google_compute_instance_group",
  jobs: "google_cloud_run_v2_job",
  instances: "google_sql_database_instance",
  networks: "google_compute_network",
  roles: "google_project_iam_custom_role",
  secrets: "google_secret_manager_secret",
  securityPolicies: "google_compute_security_policy",
  serviceAccounts: "google_service_account",
  subnetworks: "google_compute_subnetwork",
  urlMaps: "google_compute_url_map",
};

/** Stands for the endpoint groups of pods, which are no resource of any stack. */
const POD_ENDPOINT_GROUP = "endpoint group of pods";

/** Cloud SQL and Memorystore call their members by one word; only the latter's stand in a location. */
function typeOf(collection: string, region: string | undefined): string {
  if (collection === "instances" && region !== undefined) return "google_memorystore_instance";
  return COLLECTIONS[collection] ?? collection;
}

/** Something that a stack expects to exist by name. */
interface Need {
  readonly stack: StackView;
  readonly address: string | undefined;
  /** Where it stands. */
  readonly path: string;
  readonly type: string;
  readonly name: string;
  /** Region of a regional link; any where it is global. */
  readonly region?: string | undefined;
}

type Naming = Pick<Settings, "project" | "environment" | "region">;
type FoundNeed = Pick<Need, "type" | "name" | "region">;

/** Each way in which a text can name a resource of the project. */
function finders({ project, environment }: Naming): readonly ((text: string) => readonly FoundNeed[])[] {
  return [
    matches(
      new RegExp(
        `projects/${project}/(?!zones/)(?:global/|(?:regions|locations)/([a-z0-9-]+)/)?([A-Za-z]+)/([a-z][a-z0-9_-]*)`,
        "g",
      ),
      ([region, collection = "", name = ""]) => ({ type: typeOf(collection, region), name, region }),
    ),
    // GKE makes these groups for the Service that a release annotates with their name.
    matches(
      new RegExp(`projects/${project}/zones/[a-z0-9-]+/networkEndpointGroups/([a-z0-9-]+)`, "g"),
      ([name = ""]) => {
        return { type: POD_ENDPOINT_GROUP, name };
      },
    ),
    // The SQL user of an account leaves the end of its address out.
    matches(new RegExp(`([a-z0-9-]+)@${project}\\.iam(?:\\.gserviceaccount\\.com)?`, "g"), ([name = ""]) => {
      return { type: "google_service_account", name };
    }),
    matches(new RegExp(`([a-z0-9-]+)-docker\\.pkg\\.dev/${project}/([a-z0-9-]+)`, "g"), ([region, name = ""]) => {
      return { type: "google_artifact_registry_repository", name, region };
    }),
    matches(new RegExp(`\\b${project}-${environment}-[a-z0-9-]+`, "g"), (_, name) => {
      return { type: "google_storage_bucket", name };
    }),
    // file:owner:secret, as a machine's boot script is told.
    matches(new RegExp(`\\b[a-z-]+:\\d+:(terrace-${environment}-[a-z0-9-]+)`, "g"), ([name = ""]) => {
      return { type: "google_secret_manager_secret", name };
    }),
    matches(new RegExp(`\\b[a-z0-9-]+\\.${environment}\\.terrace\\.internal\\b`, "g"), (_, name) => {
      return { type: "google_dns_record_set", name: `${name}.` };
    }),
  ];
}

function matches(pattern: RegExp, toNeed: (groups: readonly (string | undefined)[], whole: string) => FoundNeed) {
  return (text: string) => [...text.matchAll(pattern)].map(([whole, ...groups]) => toNeed(groups, whole));
}

/**
 * Every name or link that no resource of the same stack, or of one that is applied before, answers to. Stacks meet by
 * name alone, so nothing else would notice before the apply.
 */
export function brokenLinks(environment: EnvironmentView, naming: Naming): readonly Violation[] {
  const makers = resourcesIn(environment);
  return needs(environment, naming).flatMap((need) => {
    const named = makers.filter((maker) => makes(maker, need));
    const placed = named.filter(
      (maker) => need.region === undefined || (regionOf(maker) ?? need.region) === need.region,
    );
    if (placed.some((maker) => precedes(environment, maker.stack, need.stack))) return [];
    return [
      violation(need.stack, need.address, `${need.path} needs ${need.type} "${need.name}", ${reason(named, placed)}`),
    ];
  });
}

function makes(maker: PlacedResource, { type, name }: Need): boolean {
  if (type !== POD_ENDPOINT_GROUP) return maker.type === type && nameOf(maker) === name;
  const values = textsAt(maker.body, "values").join("\n");
  return maker.type === "helm_release" && new RegExp(`\\b${name}(?![a-z0-9-])`).test(values);
}

function reason(named: readonly PlacedResource[], placed: readonly PlacedResource[]): string {
  const [later] = placed;
  if (later !== undefined) return `which ${later.stack.id} makes, on which this stack does not depend`;
  return named.length > 0 ? "which stands in another region" : "which no stack makes";
}

function needs(environment: EnvironmentView, naming: Naming): readonly Need[] {
  const find = finders(naming);
  const inResources = resourcesIn(environment).flatMap(({ stack, address, type, body }) =>
    [...strings(body)]
      .flatMap(({ path, text }) => [
        ...find.flatMap((finder) => finder(text)).map((need) => ({ ...need, stack, address, path })),
        ...(path === "managed_zone" && !text.includes("${")
          ? [{ type: "google_dns_managed_zone", name: text, stack, address, path }]
          : []),
      ])
      // A resource names itself.
      .filter((need) => !(need.type === type && need.name === nameOf({ type, body }))),
  );
  const inBackends = environment.stacks.flatMap((stack) =>
    [...strings(stack.config.terraform ?? null)].flatMap(({ path, text }) =>
      find.flatMap((finder) => finder(text)).map((need) => ({ ...need, stack, address: undefined, path })),
    ),
  );
  return [...inResources, ...inBackends];
}

/** What others call a resource by. */
export function nameOf({ type, body }: Pick<PlacedResource, "type" | "body">): string | undefined {
  const key = NAME_KEYS[type] ?? "name";
  return textAt(body, key);
}

const NAME_KEYS: Readonly<Record<string, string>> = {
  google_artifact_registry_repository: "repository_id",
  google_iam_workload_identity_pool: "workload_identity_pool_id",
  google_iam_workload_identity_pool_provider: "workload_identity_pool_provider_id",
  google_memorystore_instance: "instance_id",
  google_project_iam_custom_role: "role_id",
  google_secret_manager_secret: "secret_id",
  google_service_account: "account_id",
};

function regionOf({ body }: PlacedResource): string | undefined {
  return textAt(body, "region") ?? textAt(body, "location");
}

/** Whether `earlier` is `later` itself or is applied before it, by what each depends on. */
function precedes({ stacks }: EnvironmentView, earlier: StackView, later: StackView): boolean {
  if (earlier.id === later.id) return true;
  return later.dependencies.some((id) => {
    const dependency = stacks.find((stack) => stack.id === id);
    return dependency !== undefined && precedes({ name: "", stacks }, earlier, dependency);
  });
}
