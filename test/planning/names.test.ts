import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  BUCKETS,
  MAX_ACCOUNT_ID_LENGTH,
  MAX_NAME_LENGTH,
  Names,
  resourceName,
  SECRETS,
  WORKLOADS,
} from "../../planning/names";

const NAME = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;

/** Inputs that settings accept. */
const input = fc.record({
  environment: fc.stringMatching(/^[a-z][a-z0-9]{1,11}$/),
  project: fc.stringMatching(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/),
  region: fc.constantFrom("asia-northeast3", "us-central1"),
});

/** Every name that an environment makes by itself, without the user's group and VM names. */
function everyName(names: Names): string[] {
  return [
    names.network,
    names.subnetwork,
    names.securityPolicy,
    names.repository,
    names.publicZone,
    names.privateZone,
    names.sqlInstance,
    names.redisInstance,
    names.identityPool,
    names.cluster,
    names.clusterSubnetwork,
    names.podsRange,
    names.clusterServicesRange,
    names.gatewayEndpointGroup,
    names.ingressAddress,
    names.stateBucket,
    ...BUCKETS.map((bucket) => names.bucket(bucket)),
    ...SECRETS.map((secret) => names.secret(secret)),
    ...WORKLOADS.map((workload) => names.accountId(workload)),
  ];
}

describe("Names", () => {
  it("are valid and at most 63 characters, accounts at most 30", () => {
    fc.assert(
      fc.property(input, (naming) => {
        const names = new Names(naming);
        const every = everyName(names);
        expect(every.filter((name) => !NAME.test(name))).toEqual([]);
        expect(every.filter((name) => name.length > MAX_NAME_LENGTH)).toEqual([]);
        const accounts = WORKLOADS.map((workload) => names.accountId(workload));
        expect(accounts.filter((account) => account.length > MAX_ACCOUNT_ID_LENGTH)).toEqual([]);
      }),
    );
  });

  it("are equal for equal input, and differ between environments of one project", () => {
    fc.assert(
      fc.property(input, fc.stringMatching(/^[a-z][a-z0-9]{1,11}$/), (naming, other) => {
        const names = everyName(new Names(naming));
        expect(everyName(new Names({ ...naming }))).toEqual(names);
        fc.pre(other !== naming.environment);
        const others = new Set(everyName(new Names({ ...naming, environment: other })));
        expect(names.filter((name) => others.has(name))).toEqual([]);
      }),
    );
  });

  it("do not repeat among an environment's buckets and accounts", () => {
    fc.assert(
      fc.property(input, (naming) => {
        const names = new Names(naming);
        const buckets = [names.stateBucket, ...BUCKETS.map((bucket) => names.bucket(bucket))];
        const accounts = WORKLOADS.map((workload) => names.accountEmail(workload));
        expect(new Set(buckets).size).toBe(buckets.length);
        expect(new Set(accounts).size).toBe(accounts.length);
      }),
    );
  });

  it("throw where Google Cloud would refuse", () => {
    expect(() => resourceName("terrace", "a".repeat(60))).toThrow(/68 characters/);
    expect(() => resourceName("Terrace")).toThrow(RangeError);
    expect(() => resourceName("terrace", "")).toThrow(RangeError);
  });

  it("form links and private host names", () => {
    const names = new Names({ environment: "production", project: "acme-llm", region: "asia-northeast3" });
    expect(names.subnetworkLink()).toBe(
      "projects/acme-llm/regions/asia-northeast3/subnetworks/terrace-production-serving",
    );
    expect(names.privateHost("qdrant")).toBe("qdrant.production.terrace.internal");
    expect(names.registryHost(names.repository)).toBe("asia-northeast3-docker.pkg.dev/acme-llm/terrace-production");
    expect(names.accountEmail("llm-vm")).toBe("production-llm-vm@acme-llm.iam.gserviceaccount.com");
  });
});
