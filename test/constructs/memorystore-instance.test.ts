import { MemorystoreInstance as Instance } from "@cdktf/provider-google/lib/memorystore-instance";
import { describe, expect, it } from "@jest/globals";
import { MemorystoreInstance, type MemorystoreInstanceProps } from "../../constructs/data/memorystore-instance";
import { templateOf } from "./stack-of";

const props: MemorystoreInstanceProps = {
  name: "redis",
  project: "acme",
  region: "asia-northeast3",
  memoryGb: 1,
  highAvailability: true,
  deletionProtection: true,
  network: "projects/acme/global/networks/n",
  subnetwork: "projects/acme/regions/asia-northeast3/subnetworks/s",
};
const memorystore = (change: Partial<MemorystoreInstanceProps> = {}) =>
  templateOf((scope) => new MemorystoreInstance(scope, "redis", { ...props, ...change }));

describe("MemorystoreInstance", () => {
  it("authenticates by IAM, encrypts, and is protected twice", () => {
    memorystore().expectResource(Instance, {
      authorizationMode: "IAM_AUTH",
      transitEncryptionMode: "SERVER_AUTHENTICATION",
      mode: "CLUSTER_DISABLED",
      deletionProtectionEnabled: true,
      lifecycle: { preventDestroy: true },
    });
  });

  it("shares no core where it has a replica", () => {
    memorystore().expectResource(Instance, { replicaCount: 1, nodeType: "STANDARD_SMALL" });
    memorystore({ highAvailability: false }).expectResource(Instance, {
      replicaCount: 0,
      nodeType: "SHARED_CORE_NANO",
    });
  });

  it("throws for more than one shard holds", () => {
    expect(() => memorystore({ memoryGb: 47 })).toThrow("redis.memoryGb 47");
  });
});
