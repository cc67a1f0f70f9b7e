import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { PATHS } from "../app/src/contract";
import { BackendService } from "../constructs/loadbalancing/backend-service";
import { CertificateMap } from "../constructs/loadbalancing/certificate-map";
import { GlobalAddresses } from "../constructs/loadbalancing/global-addresses";
import { HostRecords } from "../constructs/loadbalancing/host-records";
import { HttpFrontend } from "../constructs/loadbalancing/http-frontend";
import { HttpHealthCheck } from "../constructs/loadbalancing/http-health-check";
import { HttpsFrontend } from "../constructs/loadbalancing/https-frontend";
import { HttpsRedirectUrlMap } from "../constructs/loadbalancing/https-redirect-url-map";
import { RouteUrlMap, type TrafficSplit } from "../constructs/loadbalancing/route-url-map";
import { EmailChannel } from "../constructs/observability/email-channel";
import { UptimeCheck } from "../constructs/observability/uptime-check";
import { HEALTH_CHECK } from "../planning/health-check";
import { MAX_RATE_PER_GATEWAY_POD, trafficWeights } from "../planning/traffic";
import type { Settings } from "../settings/settings";
import { TerraceStack } from "./terrace-stack";

/**
 * The one front door: addresses, certificate, URL maps, proxies, DNS records and the check from outside; and, through the
 * move to the cluster, the shares of the traffic.
 */
export class EdgeStack extends TerraceStack {
  /** What a person must know before opening this environment to others; `undefined` where it has a domain. */
  readonly insecureNotice: string | undefined;

  constructor(scope: Construct, settings: Settings) {
    super(scope, "edge", settings);
    const { domain } = settings;
    const addresses = new GlobalAddresses(this, "address", { name: this.names.of("edge") });
    const routes = this.addRoutes();
    if (domain === null) {
      this.insecureNotice = `${settings.environment} has no domain: requests and answers travel unencrypted, by HTTP on port 80. Set domain in settings/environments/${settings.environment}.ts for HTTPS.`;
      new HttpFrontend(this, "http", { name: this.names.of("http"), addresses, urlMap: routes.link });
      new TerraformOutput(this, "insecure_notice", { value: this.insecureNotice });
    } else {
      this.addHttps(domain.host, addresses, routes);
    }
    this.addUptimeCheck(addresses);
    this.addOutputs(addresses);
  }

  private addRoutes(): RouteUrlMap {
    const { routes, domain } = this.settings;
    return new RouteUrlMap(this, "routes", {
      name: this.names.of("routes"),
      host: domain?.host,
      defaultService: this.names.backendServiceLink("api"),
      split: this.splitWithCluster(),
      routes: Object.entries(routes).map(([name, { paths }]) => ({
        name,
        paths,
        service: this.names.backendServiceLink(name),
      })),
    });
  }

  /** The cluster's gateways behind the same paths, once the settings attach them. */
  private splitWithCluster(): TrafficSplit | undefined {
    const { kubernetes, appPort, grace } = this.settings;
    const weights = kubernetes === null ? undefined : trafficWeights(kubernetes.traffic);
    if (kubernetes === null || weights === undefined) return undefined;
    const healthCheck = new HttpHealthCheck(this, "cluster-health-check", {
      name: this.names.of("gke-healthz"),
      path: PATHS.healthz,
      port: appPort,
      ...HEALTH_CHECK,
    });
    const backend = new BackendService(this, "cluster-backend", {
      mode: "rate",
      name: this.names.clusterBackendService,
      maxRatePerEndpoint: MAX_RATE_PER_GATEWAY_POD,
      groups: kubernetes.zones.map((zone) => ({
        kind: "pod-endpoint-group",
        link: this.names.endpointGroupLink(zone, this.names.gatewayEndpointGroup),
      })),
      healthCheck: healthCheck.link,
      securityPolicy: this.names.securityPolicyLink(),
      drainingSeconds: grace.loadBalancerDrainingSeconds,
    });
    return { service: backend.resource.id, weight: weights.gke, ownWeight: weights.vm };
  }

  private addHttps(host: string, addresses: GlobalAddresses, routes: RouteUrlMap): void {
    const dnsZone = this.names.publicZone;
    const certificates = new CertificateMap(this, "certificates", {
      name: this.names.of("edge"),
      domain: host,
      dnsZone,
    });
    new HttpsFrontend(this, "https", {
      name: this.names.of("https"),
      addresses,
      urlMap: routes.link,
      certificateMap: certificates.proxyLink,
    });
    const redirect = new HttpsRedirectUrlMap(this, "redirect", { name: this.names.of("redirect"), host });
    new HttpFrontend(this, "http", { name: this.names.of("http"), addresses, urlMap: redirect.link });
    new HostRecords(this, "dns", { host, dnsZone, addresses });
  }

  private addUptimeCheck(addresses: GlobalAddresses): void {
    const { labels } = this;
    const { domain, alerts, ci, project } = this.settings;
    const channels = alerts.emails.map((address) => new EmailChannel(this, address, { address, labels }).link);
    new UptimeCheck(this, "uptime", {
      name: this.names.of("uptime"),
      project,
      host: domain?.host ?? addresses.ipv4.address,
      path: PATHS.healthz,
      https: domain !== null,
      channels,
      labels,
      runbookUrl: `https://github.com/${ci.repository}/blob/${ci.branch}/docs/runbooks/edge.md`,
    });
  }

  private addOutputs({ ipv4, ipv6 }: GlobalAddresses): void {
    const { domain } = this.settings;
    new TerraformOutput(this, "ipv4_address", { value: ipv4.address });
    new TerraformOutput(this, "ipv6_address", { value: ipv6.address });
    new TerraformOutput(this, "url", {
      value: domain === null ? `http://${ipv4.address}` : `https://${domain.host}`,
    });
  }
}
