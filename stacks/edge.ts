import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { PATHS } from "../app/src/contract/endpoints";
import { DEFAULT_ROUTE_CLASS } from "../app/src/contract/tasks";
import { AppliedSettings } from "../constructs/applied-settings";
import { BackendService } from "../constructs/loadbalancing/backend-service";
import { CertificateMap } from "../constructs/loadbalancing/certificate-map";
import { GlobalAddresses } from "../constructs/loadbalancing/global-addresses";
import type { HostCertificate } from "../constructs/loadbalancing/host-certificate";
import { HostRecords } from "../constructs/loadbalancing/host-records";
import { HttpFrontend } from "../constructs/loadbalancing/http-frontend";
import { HttpHealthCheck } from "../constructs/loadbalancing/http-health-check";
import { HttpsFrontend } from "../constructs/loadbalancing/https-frontend";
import { HttpsRedirectUrlMap } from "../constructs/loadbalancing/https-redirect-url-map";
import { RouteUrlMap, type TrafficSplit } from "../constructs/loadbalancing/route-url-map";
import { CloudAlerts } from "../constructs/observability/cloud-alerts";
import { CloudDashboard } from "../constructs/observability/cloud-dashboard";
import { EmailChannel } from "../constructs/observability/email-channel";
import { UptimeCheck } from "../constructs/observability/uptime-check";
import { hostInSteps } from "../environment/changes-in-steps";
import type { Environment } from "../environment/environment";
import { machinesThatStay } from "../environment/machines-that-stay";
import { runbooksUrl } from "../environment/runbooks-url";
import { scheduledJobs } from "../environment/scheduled-jobs";
import { HEALTH_CHECK } from "../planning/load-balancer-check";
import { NAMESPACES } from "../planning/names";
import { MAX_RATE_PER_GATEWAY_POD, trafficWeights } from "../planning/traffic";
import { TerraceStack } from "./terrace-stack";

/** `domain.host`, then its aliases. */
type Hosts = readonly [string, ...string[]];

/**
 * The one front door: addresses, certificate, URL maps, proxies, DNS records and the check from outside; and, through the
 * move to the cluster, the shares of the traffic.
 */
export class EdgeStack extends TerraceStack {
  /** A warning to read before others use this environment; `undefined` where it has a domain. */
  readonly insecureNotice: string | undefined;

  constructor(scope: Construct, environment: Environment) {
    super(scope, "edge", environment);
    const { settings } = environment;
    const { domain } = settings;
    const hosts = domain === null ? undefined : ([domain.host, ...domain.aliases] as const);
    const addresses = new GlobalAddresses(this, "address", { name: this.names.of("edge") });
    const routes = this.addRoutes(hosts);
    if (hosts === undefined) {
      this.insecureNotice = `${settings.environment} has no domain: requests and answers travel unencrypted, by HTTP on port 80. Set domain in settings/environments/${settings.environment}.ts for HTTPS.`;
      new HttpFrontend(this, "http", { name: this.names.of("http"), addresses, urlMap: routes.link });
      new TerraformOutput(this, "insecure_notice", { value: this.insecureNotice });
    } else {
      this.addHttps(hosts, addresses, routes);
    }
    const channels = this.channels();
    this.addUptimeCheck(addresses, channels);
    this.addCloudMonitoring(channels);
    this.addOutputs(addresses);
  }

  private addRoutes(hosts: Hosts | undefined): RouteUrlMap {
    const { routes } = this.settings;
    return new RouteUrlMap(this, "routes", {
      name: this.names.of("routes"),
      hosts,
      defaultService: this.names.backendServiceLink(DEFAULT_ROUTE_CLASS),
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

  /** What belongs to one host has its name in the address, so that `host` and an alias may change places. */
  private addHttps(hosts: Hosts, addresses: GlobalAddresses, routes: RouteUrlMap): void {
    new AppliedSettings(this, "applied-domain", hostInSteps(hosts[0], this.settings)).guard(routes.resource);
    const dnsZone = this.names.publicZone;
    const certificates = new CertificateMap(this, "certificates", {
      name: this.names.of("edge"),
      hosts,
      dnsZone,
    });
    new HttpsFrontend(this, "https", {
      name: this.names.of("https"),
      addresses,
      urlMap: routes.link,
      certificateMap: certificates.proxyLink,
    });
    const redirect = new HttpsRedirectUrlMap(this, "redirect", { name: this.names.of("redirect"), host: hosts[0] });
    new HttpFrontend(this, "http", { name: this.names.of("http"), addresses, urlMap: redirect.link });
    const records = hosts.map((host) => new HostRecords(this, `dns-${host}`, { host, dnsZone, addresses }));
    adoptOnlyHost(certificates.certificates[0], records[0]);
  }

  private addUptimeCheck(addresses: GlobalAddresses, channels: readonly string[]): void {
    const { domain, project } = this.settings;
    new UptimeCheck(this, "uptime", {
      name: this.names.of("uptime"),
      project,
      host: domain?.host ?? addresses.ipv4.address,
      path: PATHS.healthz,
      https: domain !== null,
      channels,
      labels: this.labels,
      runbookUrl: `${runbooksUrl(this.environment)}/edge.md`,
    });
  }

  /** Google's channels: e-mail, and those that were made by hand. */
  private channels(): readonly string[] {
    const { labels } = this;
    const { emails, notificationChannels } = this.settings.alerts;
    return [
      ...emails.map((address) => new EmailChannel(this, address, { address, labels }).link),
      ...notificationChannels,
    ];
  }

  /** Alerts and a dashboard for while Prometheus and Grafana are away. In the last stack: they look at what others made. */
  private addCloudMonitoring(channels: readonly string[]): void {
    const { names, settings } = this;
    const { environment, data, kubernetes, monitoring } = settings;
    const databaseId = data.kind === "managed" ? `${settings.project}:${names.sqlInstance}` : undefined;
    const common = { urlMap: names.of("routes"), errorMetric: names.errorMetric, databaseId };
    new CloudAlerts(this, "alerts", {
      ...common,
      name: names.prefix,
      environment,
      machines: {
        llm: machinesThatStay(this.environment),
        monitoring: monitoring === null ? 0 : 1,
        qdrant: data.kind === "managed" ? 1 : 0,
      },
      monitoringMachine: monitoring !== null,
      jobs: scheduledJobs(this.environment).map((job) => names.of(job)),
      cluster: kubernetes === null ? undefined : { name: names.cluster, namespace: NAMESPACES.serving },
      channels,
      labels: this.labels,
      runbookUrl: `${runbooksUrl(this.environment)}/cloud-monitoring.md`,
    });
    new CloudDashboard(this, "dashboard", { ...common, name: names.prefix });
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

/** Takes over what a state calls otherwise that was applied when an environment had one host and no aliases. */
function adoptOnlyHost(certificate: HostCertificate | undefined, records: HostRecords | undefined): void {
  certificate?.authorization.moveFromId(
    "google_certificate_manager_dns_authorization.certificates_authorization_450DB6EA",
  );
  certificate?.authorizationRecord.moveFromId("google_dns_record_set.certificates_authorization-record_3DFBE5D9");
  certificate?.certificate.moveFromId("google_certificate_manager_certificate.certificates_certificate_8ECA0F03");
  certificate?.entry.moveFromId("google_certificate_manager_certificate_map_entry.certificates_entry_76FB8029");
  records?.a.moveFromId("google_dns_record_set.dns_a_13DA7B1B");
  records?.aaaa.moveFromId("google_dns_record_set.dns_aaaa_43B7A3CF");
}
