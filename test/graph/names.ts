import { textAt } from "../support/json";
import { type EnvironmentView, type PlacedResource, resourcesIn } from "../support/stack-view";
import { type Violation, violation } from "../support/violation";
import { nameOf } from "./links";

/** Characters that a name may have; the type's own limit where it is not Compute Engine's 63. */
const LIMITS: Readonly<Record<string, { readonly length: number; readonly source: string }>> = {
  google_service_account: { length: 30, source: "https://cloud.google.com/iam/docs/service-accounts-create" },
  google_iam_workload_identity_pool: {
    length: 32,
    source: "https://cloud.google.com/iam/docs/manage-workload-identity-pools-providers",
  },
  google_iam_workload_identity_pool_provider: {
    length: 32,
    source: "https://cloud.google.com/iam/docs/manage-workload-identity-pools-providers",
  },
  google_dns_record_set: { length: 253, source: "https://datatracker.ietf.org/doc/html/rfc1035" },
  google_sql_user: { length: 63, source: "https://www.postgresql.org/docs/17/sql-syntax-lexical.html" },
};
/** https://cloud.google.com/compute/docs/naming-resources */
const COMPUTE_LIMIT = 63;

/** Names that are too long, and names that two resources of one kind and place share. */
export function nameViolations(environment: EnvironmentView): readonly Violation[] {
  const named = resourcesIn(environment).flatMap((resource) => {
    const name = nameOf(resource);
    return name === undefined || name.includes("${") ? [] : [{ resource, name }];
  });
  return [
    ...named.flatMap(({ resource, name }) => {
      const limit = LIMITS[resource.type]?.length ?? COMPUTE_LIMIT;
      if (name.length <= limit) return [];
      return [
        violation(resource.stack, resource.address, `"${name}" has ${name.length} characters, more than ${limit}`),
      ];
    }),
    ...named.flatMap(({ resource, name }, index) => {
      const earlier = named.slice(0, index).find((other) => key(other.resource, other.name) === key(resource, name));
      if (earlier === undefined) return [];
      return [violation(resource.stack, resource.address, `"${name}" is also ${earlier.resource.address}`)];
    }),
  ];
}

/** Two resources with equal keys are one to Google. */
function key({ type, body }: PlacedResource, name: string): string {
  // One zone may hold several records of a name, of different types; one database several users.
  const scope = ["zone", "region", "location", "managed_zone", "type", "instance"].map(
    (part) => textAt(body, part) ?? "",
  );
  return [type, name, ...(type === "google_compute_disk" ? scope.slice(0, 2) : scope)].join(" ");
}
