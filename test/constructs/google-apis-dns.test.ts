import { DnsManagedZone } from "@cdktf/provider-google/lib/dns-managed-zone";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { describe, expect, it } from "@jest/globals";
import { GoogleApisDns, PRIVATE_GOOGLE_ACCESS } from "../../constructs/network/google-apis-dns";
import { formatAddress, parseCidr } from "../../planning/network";
import { templateOf } from "./stack-of";

describe("GoogleApisDns", () => {
  const template = templateOf((scope) => new GoogleApisDns(scope, "dns", { name: "demo", network: "net" }));

  it("holds exactly the addresses that the firewall's range admits", () => {
    const parsed = parseCidr(PRIVATE_GOOGLE_ACCESS.range);
    if (!parsed.ok) throw new Error(parsed.reason);
    const { first, size } = parsed.cidr;
    expect(PRIVATE_GOOGLE_ACCESS.addresses).toEqual(Array.from({ length: size }, (_, i) => formatAddress(first + i)));
  });

  it.each([
    ["googleapis.com", "private.googleapis.com."],
    ["pkg.dev", "pkg.dev."],
    ["gcr.io", "gcr.io."],
  ])("leads every name of %s to the private addresses", (domain, apex) => {
    template.expectResource(DnsManagedZone, {
      dnsName: `${domain}.`,
      visibility: "private",
      privateVisibilityConfig: { networks: [{ networkUrl: "net" }] },
    });
    template.expectResource(DnsRecordSet, { name: apex, type: "A", rrdatas: [...PRIVATE_GOOGLE_ACCESS.addresses] });
    template.expectResource(DnsRecordSet, { name: `*.${domain}.`, type: "CNAME", rrdatas: [apex] });
  });
});
