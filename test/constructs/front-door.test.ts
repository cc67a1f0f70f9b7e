import { CertificateManagerCertificate } from "@cdktf/provider-google/lib/certificate-manager-certificate";
import { CertificateManagerCertificateMap } from "@cdktf/provider-google/lib/certificate-manager-certificate-map";
import { CertificateManagerCertificateMapEntry } from "@cdktf/provider-google/lib/certificate-manager-certificate-map-entry";
import { CertificateManagerDnsAuthorization } from "@cdktf/provider-google/lib/certificate-manager-dns-authorization";
import { ComputeGlobalForwardingRule } from "@cdktf/provider-google/lib/compute-global-forwarding-rule";
import { ComputeSslPolicy } from "@cdktf/provider-google/lib/compute-ssl-policy";
import { ComputeTargetHttpProxy } from "@cdktf/provider-google/lib/compute-target-http-proxy";
import { ComputeTargetHttpsProxy } from "@cdktf/provider-google/lib/compute-target-https-proxy";
import { ComputeUrlMap } from "@cdktf/provider-google/lib/compute-url-map";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { CertificateMap } from "../../constructs/loadbalancing/certificate-map";
import { domainResourceName } from "../../constructs/loadbalancing/certificate-name";
import { GlobalAddresses } from "../../constructs/loadbalancing/global-addresses";
import { HostRecords } from "../../constructs/loadbalancing/host-records";
import { HttpFrontend } from "../../constructs/loadbalancing/http-frontend";
import { HttpsFrontend } from "../../constructs/loadbalancing/https-frontend";
import { HttpsRedirectUrlMap } from "../../constructs/loadbalancing/https-redirect-url-map";
import { RouteUrlMap } from "../../constructs/loadbalancing/route-url-map";
import { templateOf } from "./stack-of";

const host = "llm.example.com";
const alias = "api.example.com";

describe("RouteUrlMap", () => {
  const routes = [{ name: "til", paths: ["/til"], service: "backend-til" }];
  const props = { name: "routes", routes, defaultService: "backend-api" };

  it("sends the hosts' routes to their services, and everything else to the default", () => {
    const template = templateOf((scope) => new RouteUrlMap(scope, "map", { ...props, hosts: [host, alias] }));
    template.expectResource(ComputeUrlMap, {
      defaultService: "backend-api",
      hostRule: [{ hosts: [host, alias], pathMatcher: "routes" }],
      pathMatcher: [
        {
          name: "routes",
          defaultService: "backend-api",
          pathRule: [{ paths: ["/til", "/til/*"], service: "backend-til" }],
        },
      ],
      test: [
        { host, path: "/", service: "backend-api" },
        { host, path: "/til", service: "backend-til" },
        { host, path: "/til/sample", service: "backend-til" },
        { host, path: "/tilx", service: "backend-api" },
      ],
    });
  });

  it("serves any host without one", () => {
    const template = templateOf((scope) => new RouteUrlMap(scope, "map", props));
    template.expectResource(ComputeUrlMap, { hostRule: [{ hosts: ["*"], pathMatcher: "routes" }] });
  });

  it("splits every path of the host between its own service and the other, and claims nothing of it in a test", () => {
    const split = { service: "backend-gke", weight: 5, ownWeight: 95 };
    const template = templateOf((scope) => new RouteUrlMap(scope, "map", { ...props, hosts: [host], split }));
    const weighted = (service: string) => ({
      weightedBackendServices: [
        { backendService: service, weight: 95 },
        { backendService: "backend-gke", weight: 5 },
      ],
    });
    const map = template.expectResource(ComputeUrlMap, {
      defaultService: "backend-api",
      pathMatcher: [
        {
          name: "routes",
          defaultRouteAction: weighted("backend-api"),
          pathRule: [{ paths: ["/til", "/til/*"], routeAction: weighted("backend-til") }],
        },
      ],
    });
    expect(map.body.test).toBeUndefined();
    // Google refuses a service beside weighted services.
    expect(JSON.stringify(map.body)).not.toContain('"service"');
  });

  it.each([
    [{ weight: 0, ownWeight: 0 }, /nobody would answer/],
    [{ weight: 5.5, ownWeight: 94.5 }, /whole numbers/],
    [{ weight: -5, ownWeight: 105 }, /whole numbers/],
    [{ weight: 1001, ownWeight: 0 }, /0 to 1000/],
  ])("refuses the weights %j", (weights, message) => {
    const split = { service: "backend-gke", ...weights };
    expect(() => templateOf((scope) => new RouteUrlMap(scope, "map", { ...props, split }))).toThrow(message);
  });
});

describe("HttpsRedirectUrlMap", () => {
  it("keeps method, path and query, and has a test of the redirect alone", () => {
    const template = templateOf((scope) => new HttpsRedirectUrlMap(scope, "map", { name: "redirect", host }));
    const map = template.expectResource(ComputeUrlMap, {
      defaultUrlRedirect: { httpsRedirect: true, redirectResponseCode: "PERMANENT_REDIRECT", stripQuery: false },
      test: [{ host, path: "/", expectedOutputUrl: `https://${host}/`, expectedRedirectResponseCode: 308 }],
    });
    expect(JSON.stringify(map.body)).not.toContain('"service"');
  });
});

describe("HttpFrontend and HttpsFrontend", () => {
  const template = templateOf((scope) => {
    const addresses = new GlobalAddresses(scope, "address", { name: "edge" });
    new HttpFrontend(scope, "http", { name: "http", addresses, urlMap: "redirect" });
    new HttpsFrontend(scope, "https", { name: "https", addresses, urlMap: "routes", certificateMap: "//map" });
    new HostRecords(scope, "dns", { host, dnsZone: "public", addresses });
  });

  it("listen on both ports of both addresses, in one scheme and tier", () => {
    const rules = template.resources(ComputeGlobalForwardingRule).map(({ body }) => body);
    expect(rules.map((rule) => [rule.name, rule.port_range])).toEqual([
      ["http-ipv4", "80"],
      ["http-ipv6", "80"],
      ["https-ipv4", "443"],
      ["https-ipv6", "443"],
    ]);
    expect(new Set(rules.map((rule) => rule.ip_address)).size).toBe(2);
    for (const rule of rules) {
      expect(rule).toMatchObject({ load_balancing_scheme: "EXTERNAL_MANAGED", network_tier: "PREMIUM" });
    }
  });

  it("accept TLS 1.2 or newer without weak suites, and no early data", () => {
    template.expectResource(ComputeSslPolicy, { minTlsVersion: "TLS_1_2", profile: "RESTRICTED" });
    template.expectResource(ComputeTargetHttpsProxy, {
      urlMap: "routes",
      certificateMap: "//map",
      quicOverride: "ENABLE",
      tlsEarlyData: "DISABLED",
      httpKeepAliveTimeoutSec: 610,
    });
    template.expectResource(ComputeTargetHttpProxy, { urlMap: "redirect", httpKeepAliveTimeoutSec: 610 });
  });

  it("are named in DNS by address of either kind", () => {
    template.expectResource(DnsRecordSet, { name: `${host}.`, type: "A", managedZone: "public" });
    template.expectResource(DnsRecordSet, { name: `${host}.`, type: "AAAA", managedZone: "public" });
  });
});

describe("CertificateMap", () => {
  const certificates = (...hosts: readonly string[]) =>
    templateOf((scope) => new CertificateMap(scope, "certificates", { name: "edge", hosts, dnsZone: "public" }));

  /** What each host has of its own. */
  const perHost = [
    CertificateManagerDnsAuthorization,
    DnsRecordSet,
    CertificateManagerCertificate,
    CertificateManagerCertificateMapEntry,
  ] as const;

  it("proves the domain by DNS before it requests the certificate", () => {
    const template = certificates(host);
    const record = template.expectResource(DnsRecordSet, {
      managedZone: "public",
      lifecycle: { createBeforeDestroy: true },
    });
    template.expectResource(CertificateManagerDnsAuthorization, { domain: host });
    const certificate = template.expectResource(CertificateManagerCertificate, { managed: { domains: [host] } });
    expect(certificate.body.depends_on).toEqual([record.address]);
    template.expectResource(CertificateManagerCertificateMapEntry, { hostname: host });
  });

  it("keeps what a host has, wherever the host is in the list and whoever comes or goes", () => {
    const states = [certificates(host), certificates(host, alias), certificates(alias, host), certificates(alias)];
    const [only, added, swapped, dropped] = states.map((template) =>
      perHost.flatMap((kind) =>
        [...template.resources<never>(kind)].sort((a, b) => a.address.localeCompare(b.address)),
      ),
    );
    expect(added).toEqual(expect.arrayContaining(only ?? []));
    expect(swapped).toEqual(added);
    expect(added).toEqual(expect.arrayContaining(dropped ?? []));
    expect(added).toHaveLength(2 * perHost.length);
  });

  it("gives each host names of its own, in a map that stays", () => {
    const [one, both] = [certificates(host), certificates(host, alias)];
    const names = both.resources(CertificateManagerCertificate).map(({ body }) => body.name);
    expect(new Set(names).size).toBe(2);
    expect(both.resources(CertificateManagerCertificateMap)).toEqual(one.resources(CertificateManagerCertificateMap));
  });

  it("has names by domain: equal for equal ones, different for different ones, and fit for Google", () => {
    fc.assert(
      fc.property(fc.domain(), fc.domain(), (one, other) => {
        const name = domainResourceName("terrace-production-edge", one);
        expect(name).toMatch(/^[a-z][-a-z0-9]{0,61}[a-z0-9]$/);
        expect(name === domainResourceName("terrace-production-edge", other)).toBe(one === other);
      }),
    );
  });

  it("has a link in the form that a proxy takes", () => {
    let link = "";
    templateOf((scope) => {
      link = new CertificateMap(scope, "c", { name: "edge", hosts: [host], dnsZone: "public" }).proxyLink;
    });
    expect(link).toMatch(/^\/\/certificatemanager\.googleapis\.com\/\$\{/);
  });
});
