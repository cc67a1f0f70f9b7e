import { Construct } from "constructs";
import { type AllowRuleProps, FirewallRule } from "./firewall-rule";
import { PRIVATE_GOOGLE_ACCESS } from "./google-apis-dns";

/** https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges */
export const HEALTH_CHECK_RANGES = ["35.191.0.0/16", "130.211.0.0/22"] as const;
/** https://cloud.google.com/iap/docs/using-tcp-forwarding */
export const IAP_RANGE = "35.235.240.0/20";

export const SSH_PORT = 22;
/** https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#http_port */
export const DASHBOARD_PORT = 3000;
export const HTTPS_PORT = 443;

export interface ServingFirewallProps {
  /** Prefix. */
  readonly name: string;
  readonly network: string;
  readonly servingCidr: string;
  readonly llmAccount: string;
  readonly appPort: number;
  readonly exporterPorts: readonly number[];
  /** @default no monitoring machine */
  readonly monitoringAccount?: string | undefined;
  /** On the internet, for monitoring. @default none */
  readonly alertPorts?: readonly number[] | undefined;
  /** @default the app embeds by itself */
  readonly embeddings?: { readonly range: string; readonly port: number } | undefined;
  /** A job in the machines' subnet. @default none */
  readonly watchdog?: { readonly account: string; readonly prometheusPort: number } | undefined;
  /** @default the app keeps its data itself */
  readonly data?:
    | {
        readonly servicesCidr: string;
        readonly postgresPort: number;
        readonly redisPort: number;
        readonly vectorStorePort: number;
        readonly vectorStoreAccount: string;
        /** Jobs that use the stores from the machines' subnet. */
        readonly jobAccounts: readonly string[];
      }
    | undefined;
}

type Rule = Omit<AllowRuleProps, "name" | "network" | "kind">;

/**
 * Everything that may flow in the network; the rest is denied and logged, in both directions.
 * - Health checks reach the app's port only; a rule on another port leaves every backend down. They include the front
 *   ends, so nothing is open to 0.0.0.0/0.
 * - GPU machines reach Google's APIs and the data stores: images, weights and drivers come from there.
 * - Only monitoring reaches the internet: webhooks, mail servers and the public name have no fixed address.
 * - The metadata server gives names and time, and cannot be closed.
 * @example
 * new ServingFirewall(this, "firewall", {
 *   name: "terrace-demo", network: vpc.network.id, servingCidr: "10.10.0.0/24", llmAccount, appPort: 8001, exporterPorts: [9100, 9400],
 * });
 */
export class ServingFirewall extends Construct {
  constructor(scope: Construct, id: string, props: ServingFirewallProps) {
    super(scope, id);
    const { name, network } = props;
    const rules = {
      ...baseRules(props),
      ...monitoringRules(props),
      ...dataRules(props),
      ...watchdogRules(props),
      ...embeddingRules(props),
    };
    for (const [rule, content] of Object.entries(rules)) {
      new FirewallRule(this, rule, { ...content, kind: "allow", name: `${name}-${rule}`, network });
    }
    new FirewallRule(this, "deny-ingress", {
      kind: "deny-all",
      direction: "INGRESS",
      name: `${name}-deny-ingress`,
      network,
      description: "Says the implied rule aloud, because only a written rule is logged.",
    });
    new FirewallRule(this, "deny-egress", {
      kind: "deny-all",
      direction: "EGRESS",
      name: `${name}-deny-egress`,
      network,
      description: "Without it everything may leave; what must is allowed by name.",
    });
  }
}

function baseRules(props: ServingFirewallProps): Record<string, Rule> {
  const machines = [props.llmAccount, props.monitoringAccount, props.data?.vectorStoreAccount].filter(
    (account) => account !== undefined,
  );
  const jobs = [...(props.data?.jobAccounts ?? []), ...(props.watchdog === undefined ? [] : [props.watchdog.account])];
  return {
    "allow-health-checks": {
      direction: "INGRESS",
      description: "Load balancer and its health checks to the app.",
      peer: { ranges: HEALTH_CHECK_RANGES },
      tcpPorts: [props.appPort],
      targetServiceAccounts: [props.llmAccount],
    },
    "allow-iap-ssh": {
      direction: "INGRESS",
      description: "Operators' SSH through Identity-Aware Proxy.",
      peer: { ranges: [IAP_RANGE] },
      tcpPorts: [SSH_PORT],
      targetServiceAccounts: machines,
    },
    "allow-google-apis": {
      direction: "EGRESS",
      description:
        "Google APIs by private.googleapis.com: images, weights, secrets, logs, metrics, the driver's installer.",
      peer: { ranges: [PRIVATE_GOOGLE_ACCESS.range] },
      tcpPorts: [HTTPS_PORT],
      targetServiceAccounts: [...machines, ...jobs],
    },
  };
}

function monitoringRules({ monitoringAccount, data, ...props }: ServingFirewallProps): Record<string, Rule> {
  if (monitoringAccount === undefined) return {};
  const scraped = [...new Set([props.appPort, ...props.exporterPorts])];
  return {
    "allow-scrape": {
      direction: "INGRESS",
      description: "Prometheus to the app's metrics and the exporters of the GPU machines.",
      peer: { serviceAccounts: [monitoringAccount] },
      tcpPorts: scraped,
      targetServiceAccounts: [props.llmAccount],
    },
    "allow-scrape-out": {
      direction: "EGRESS",
      description: "The same traffic as it leaves the monitoring machine, and the vector database's metrics.",
      peer: { ranges: [props.servingCidr] },
      tcpPorts: data === undefined ? scraped : [...scraped, data.vectorStorePort],
      targetServiceAccounts: [monitoringAccount],
    },
    "allow-iap-dashboards": {
      direction: "INGRESS",
      description:
        "Operators' browsers to the dashboards by a tunnel of their own, so that none depends on sshd forwarding ports.",
      peer: { ranges: [IAP_RANGE] },
      tcpPorts: [DASHBOARD_PORT],
      targetServiceAccounts: [monitoringAccount],
    },
    ...alertRule(monitoringAccount, props.alertPorts ?? []),
  };
}

function embeddingRules({ embeddings, llmAccount, data }: ServingFirewallProps): Record<string, Rule> {
  if (embeddings === undefined) return {};
  return {
    "allow-embeddings-out": {
      direction: "EGRESS",
      description: "The app and its backups to the server that embeds texts.",
      peer: { ranges: [embeddings.range] },
      tcpPorts: [embeddings.port],
      targetServiceAccounts: [llmAccount, ...(data?.jobAccounts ?? [])],
    },
  };
}

/** Ingress rules see Cloud Run's range alone; other machines there are kept out by their own egress. */
function watchdogRules(props: ServingFirewallProps): Record<string, Rule> {
  const { watchdog, monitoringAccount, servingCidr, appPort } = props;
  if (watchdog === undefined || monitoringAccount === undefined) return {};
  return {
    "allow-watchdog-out": {
      direction: "EGRESS",
      description: "The idle watchdog to Prometheus, and to the gateways that it asks before it stops one.",
      peer: { ranges: [servingCidr] },
      tcpPorts: [watchdog.prometheusPort, appPort],
      targetServiceAccounts: [watchdog.account],
    },
    "allow-watchdog-prometheus": {
      direction: "INGRESS",
      description: "The idle watchdog to Prometheus.",
      peer: { ranges: [servingCidr] },
      tcpPorts: [watchdog.prometheusPort],
      targetServiceAccounts: [monitoringAccount],
    },
    "allow-watchdog-gateways": {
      direction: "INGRESS",
      description: "The idle watchdog to the metrics of the app.",
      peer: { ranges: [servingCidr] },
      tcpPorts: [appPort],
      targetServiceAccounts: [props.llmAccount],
    },
  };
}

function alertRule(monitoringAccount: string, tcpPorts: readonly number[]): Record<string, Rule> {
  if (tcpPorts.length === 0) return {};
  return {
    "allow-alerts-out": {
      direction: "EGRESS",
      description: "Alertmanager to whom it tells, and the probe of the public name; their addresses change.",
      peer: { ranges: ["0.0.0.0/0"] },
      tcpPorts,
      targetServiceAccounts: [monitoringAccount],
    },
  };
}

/** Ingress rules see Cloud Run's range alone, in which every machine may call Qdrant anyway. */
function jobsToQdrant(
  servingCidr: string,
  { vectorStorePort, vectorStoreAccount }: NonNullable<ServingFirewallProps["data"]>,
): Record<string, Rule> {
  return {
    "allow-qdrant-jobs": {
      direction: "INGRESS",
      description: "Backups to the vector database: jobs of Cloud Run are known by their subnet's range alone.",
      peer: { ranges: [servingCidr] },
      tcpPorts: [vectorStorePort],
      targetServiceAccounts: [vectorStoreAccount],
    },
  };
}

function dataRules({ data, monitoringAccount, ...props }: ServingFirewallProps): Record<string, Rule> {
  if (data === undefined) return {};
  return {
    "allow-postgres-out": {
      direction: "EGRESS",
      description: "The app to Cloud SQL over private services access.",
      peer: { ranges: [data.servicesCidr] },
      tcpPorts: [data.postgresPort],
      targetServiceAccounts: [props.llmAccount, ...data.jobAccounts],
    },
    "allow-stores-out": {
      direction: "EGRESS",
      description: "The app to Memorystore's endpoint and the vector database, both in the machines' subnet.",
      peer: { ranges: [props.servingCidr] },
      tcpPorts: [data.redisPort, data.vectorStorePort],
      targetServiceAccounts: [props.llmAccount, ...data.jobAccounts],
    },
    ...(data.jobAccounts.length === 0 ? {} : jobsToQdrant(props.servingCidr, data)),
    "allow-qdrant": {
      direction: "INGRESS",
      description: "The app, and Prometheus where there is one, to the vector database.",
      peer: {
        serviceAccounts: [props.llmAccount, monitoringAccount].filter((account) => account !== undefined),
      },
      tcpPorts: [data.vectorStorePort],
      targetServiceAccounts: [data.vectorStoreAccount],
    },
  };
}
