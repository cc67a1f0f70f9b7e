import { ComputeGlobalAddress } from "@cdktf/provider-google/lib/compute-global-address";
import { ComputeNetwork } from "@cdktf/provider-google/lib/compute-network";
import { ComputeRouterNat } from "@cdktf/provider-google/lib/compute-router-nat";
import { ComputeSubnetwork } from "@cdktf/provider-google/lib/compute-subnetwork";
import { DnsManagedZone } from "@cdktf/provider-google/lib/dns-managed-zone";
import { describe, expect, it } from "@jest/globals";
import { CloudNat } from "../../constructs/network/cloud-nat";
import { PrivateServicesAccess } from "../../constructs/network/private-services-access";
import { PublicZone } from "../../constructs/network/public-zone";
import { Vpc } from "../../constructs/network/vpc";
import { templateOf } from "./stack-of";

describe("Vpc", () => {
  it("has one subnet that reaches Google privately and logs its flows", () => {
    const template = templateOf(
      (scope) =>
        new Vpc(scope, "vpc", { name: "net", region: "r1", subnetworkName: "sub", servingCidr: "10.0.0.0/24" }),
    );
    template.expectResource(ComputeNetwork, { autoCreateSubnetworks: false, routingMode: "REGIONAL" });
    template.expectCount(ComputeSubnetwork, 1);
    template.expectResource(ComputeSubnetwork, {
      ipCidrRange: "10.0.0.0/24",
      privateIpGoogleAccess: true,
      logConfig: { metadata: "INCLUDE_ALL_METADATA" },
    });
  });
});

describe("CloudNat", () => {
  it("translates one named subnet and logs errors only", () => {
    templateOf(
      (scope) => new CloudNat(scope, "nat", { name: "nat", region: "r1", network: "net", subnetwork: "sub" }),
    ).expectResource(ComputeRouterNat, {
      sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
      subnetwork: [{ name: "sub", sourceIpRangesToNat: ["PRIMARY_IP_RANGE"] }],
      enableDynamicPortAllocation: true,
      enableEndpointIndependentMapping: false,
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    });
  });
});

describe("PrivateServicesAccess", () => {
  const access = (servicesCidr: string) =>
    templateOf((scope) => new PrivateServicesAccess(scope, "psa", { name: "range", network: "net", servicesCidr }));

  it("reserves the range as address and prefix", () => {
    access("10.21.0.0/20").expectResource(ComputeGlobalAddress, {
      purpose: "VPC_PEERING",
      addressType: "INTERNAL",
      address: "10.21.0.0",
      prefixLength: 20,
    });
  });

  it("throws for an invalid range and one that is too small", () => {
    expect(() => access("10.21.0.5/20")).toThrow("did you mean 10.21.0.0/20");
    expect(() => access("10.21.0.0/25")).toThrow("smaller than the /24");
  });
});

describe("PublicZone", () => {
  it("is signed by DNSSEC", () => {
    templateOf(
      (scope) => new PublicZone(scope, "zone", { name: "zone", domain: "example.com", preventDestroy: true }),
    ).expectResource(DnsManagedZone, {
      dnsName: "example.com.",
      visibility: "public",
      dnssecConfig: {
        state: "on",
        defaultKeySpecs: [
          { algorithm: "ecdsap256sha256", keyLength: 256, keyType: "keySigning" },
          { algorithm: "ecdsap256sha256", keyLength: 256, keyType: "zoneSigning" },
        ],
      },
    });
  });
});
