import { ComputeFirewall } from "@cdktf/provider-google/lib/compute-firewall";
import { describe, expect, it } from "@jest/globals";
import { FirewallRule } from "../../constructs/network/firewall-rule";
import { ServingFirewall, type ServingFirewallProps } from "../../constructs/network/serving-firewall";
import { templateOf } from "./stack-of";

const base: ServingFirewallProps = {
  name: "fw",
  network: "net",
  servingCidr: "10.0.0.0/24",
  llmAccount: "llm@acme",
  appPort: 9000,
  exporterPorts: [9100, 9400],
};
const full: ServingFirewallProps = {
  ...base,
  monitoringAccount: "monitoring@acme",
  alertPorts: [443, 587],
  data: {
    servicesCidr: "10.1.0.0/24",
    postgresPort: 5432,
    redisPort: 6379,
    vectorStorePort: 6333,
    vectorStoreAccount: "qdrant@acme",
    jobAccounts: ["backup@acme"],
  },
};

const firewall = (props: ServingFirewallProps) => templateOf((scope) => new ServingFirewall(scope, "firewall", props));
const rules = (props: ServingFirewallProps) => firewall(props).resources(ComputeFirewall);

describe("ServingFirewall", () => {
  it("opens the app's port, and no other, to the load balancer", () => {
    firewall(base).expectResource(ComputeFirewall, {
      name: "fw-allow-health-checks",
      sourceRanges: ["35.191.0.0/16", "130.211.0.0/22"],
      allow: [{ protocol: "tcp", ports: ["9000"] }],
      targetServiceAccounts: ["llm@acme"],
    });
  });

  it("ends in a logged denial in both directions", () => {
    const template = firewall(full);
    for (const direction of ["INGRESS", "EGRESS"]) {
      template.expectResource(ComputeFirewall, {
        direction,
        priority: 65534,
        deny: [{ protocol: "all" }],
        logConfig: { metadata: "INCLUDE_ALL_METADATA" },
      });
    }
  });

  it("admits nobody from everywhere", () => {
    const admitted = rules(full).filter(({ body }) => body.direction === "INGRESS" && body.allow !== undefined);
    expect(admitted.length).toBeGreaterThan(0);
    for (const { body } of admitted) {
      expect(body.source_ranges ?? []).not.toContain("0.0.0.0/0");
      // Neither ranges nor accounts would mean everywhere too.
      expect(body.source_ranges ?? body.source_service_accounts).toBeDefined();
    }
  });

  it("names ports and machines in every allowing rule", () => {
    const allowing = rules(full).filter(({ body }) => body.allow !== undefined);
    expect(allowing).toHaveLength(11);
    for (const { body } of allowing) {
      expect(body.target_service_accounts).not.toHaveLength(0);
      expect(body.allow).toEqual([{ protocol: "tcp", ports: expect.any(Array) }]);
    }
  });

  it("allows GPU machines to reach Google and the data stores only", () => {
    const leaving = rules(full).filter(
      ({ body }) => body.direction === "EGRESS" && JSON.stringify(body.target_service_accounts ?? []).includes("llm@"),
    );
    expect(leaving.map(({ body }) => body.destination_ranges).sort()).toEqual([
      ["10.0.0.0/24"],
      ["10.1.0.0/24"],
      ["199.36.153.8/30"],
    ]);
  });

  it("allows jobs to reach Google and the stores only, and the vector database by their range", () => {
    const leaving = rules(full).filter(
      ({ body }) =>
        body.direction === "EGRESS" && JSON.stringify(body.target_service_accounts ?? []).includes("backup@"),
    );
    expect(leaving.map(({ body }) => body.destination_ranges).sort()).toEqual([
      ["10.0.0.0/24"],
      ["10.1.0.0/24"],
      ["199.36.153.8/30"],
    ]);
    const entering = rules(full).filter(({ body }) => body.name === "fw-allow-qdrant-jobs");
    expect(entering.map(({ body }) => [body.source_ranges, body.target_service_accounts])).toEqual([
      [["10.0.0.0/24"], ["qdrant@acme"]],
    ]);
    const without = full.data && { ...full, data: { ...full.data, jobAccounts: [] } };
    expect(without && rules(without).map(({ body }) => body.name)).not.toContain("fw-allow-qdrant-jobs");
  });

  it("allows the watchdog to reach Prometheus and gateways, where there is one", () => {
    const watched = { ...full, watchdog: { account: "watchdog@acme", prometheusPort: 9090 } };
    const its = rules(watched).filter(({ body }) => String(body.name).includes("watchdog"));
    expect(its.map(({ body }) => [body.direction, body.target_service_accounts, body.allow])).toEqual([
      ["INGRESS", ["llm@acme"], [{ protocol: "tcp", ports: ["9000"] }]],
      ["EGRESS", ["watchdog@acme"], [{ protocol: "tcp", ports: ["9090", "9000"] }]],
      ["INGRESS", ["monitoring@acme"], [{ protocol: "tcp", ports: ["9090"] }]],
    ]);
    expect(JSON.stringify(rules(full))).not.toContain("watchdog");
  });

  it("allows the app and its backups to reach a server that embeds, where there is one", () => {
    const embedding = { ...full, embeddings: { range: "10.40.0.0/28", port: 8080 } };
    const [rule, ...more] = rules(embedding).filter(({ body }) => body.name === "fw-allow-embeddings-out");
    expect(more).toEqual([]);
    expect(rule?.body).toMatchObject({
      destination_ranges: ["10.40.0.0/28"],
      allow: [{ protocol: "tcp", ports: ["8080"] }],
      target_service_accounts: ["llm@acme", "backup@acme"],
    });
    expect(JSON.stringify(rules(full))).not.toContain("embeddings");
  });

  it("opens the internet only for a webhook that is called", () => {
    const outside = (props: ServingFirewallProps) =>
      rules(props).filter(
        ({ body }) => body.allow !== undefined && JSON.stringify(body.destination_ranges)?.includes("0.0.0.0/0"),
      );
    expect(outside(full).map(({ body }) => body.target_service_accounts)).toEqual([["monitoring@acme"]]);
    expect(outside({ ...full, alertPorts: [] })).toEqual([]);
  });

  it("has no rule for a machine that does not exist", () => {
    const text = JSON.stringify(rules(base).map(({ body }) => body));
    expect(text).not.toContain("monitoring");
    expect(text).not.toContain("qdrant");
    expect(rules(base)).toHaveLength(5);
  });
});

describe("FirewallRule", () => {
  const rule = {
    kind: "allow",
    direction: "INGRESS",
    name: "r",
    network: "net",
    description: "d",
    peer: { ranges: ["10.0.0.0/8"] },
    tcpPorts: [1],
    targetServiceAccounts: ["a@b"],
  } as const;

  it("refuses a rule without ports, without machines, or with accounts as the far end", () => {
    const make = (change: object) => () => templateOf((scope) => new FirewallRule(scope, "r", { ...rule, ...change }));
    expect(make({})).not.toThrow();
    expect(make({ tcpPorts: [] })).toThrow("names no port");
    expect(make({ targetServiceAccounts: [] })).toThrow("names no machine");
    expect(make({ direction: "EGRESS", peer: { serviceAccounts: ["c@d"] } })).toThrow("by range");
  });
});
