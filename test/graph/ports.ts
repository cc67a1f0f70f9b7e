import { PORTS } from "../../app/src/contract/endpoints";
import { blocksAt, type JsonObject, numberAt, textAt, textsAt } from "../support/json";
import { type EnvironmentView, type PlacedResource, resourcesIn } from "../support/stack-view";
import { bootFiles, variableIn } from "../support/user-data";
import { type Violation, violation } from "../support/violation";

/** The load balancer's and its health checks' addresses: https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges */
const HEALTH_CHECK_RANGES = ["130.211.0.0/22", "35.191.0.0/16"];
const GROUPS = ["google_compute_instance_group", "google_compute_instance_group_manager"];

/**
 * Every place where a port of the serving unit differs from the one that it is said to have: in the container, the
 * machine's own firewall, the group's named port, the backend service, the health check, the network's firewall, and
 * what Prometheus asks.
 */
export function portMismatches(environment: EnvironmentView, appPort: number): readonly Violation[] {
  return [
    ...servingMachines(environment).flatMap((machine) => machineMismatches(machine, appPort)),
    ...resourcesIn(environment, ...GROUPS).flatMap((group) => expectPorts(group, namedPorts(group), appPort)),
    ...resourcesIn(environment, "google_compute_network_endpoint_group").flatMap((group) =>
      expectPorts(group, [numberAt(group.body, "default_port")], appPort),
    ),
    ...resourcesIn(environment, "google_compute_network_endpoint").flatMap((endpoint) =>
      expectPorts(endpoint, [numberAt(endpoint.body, "port")], appPort),
    ),
    ...resourcesIn(environment, "google_compute_health_check").flatMap((check) =>
      expectPorts(
        check,
        blocksAt(check.body, "http_health_check").map((http) => numberAt(http, "port")),
        appPort,
      ),
    ),
    ...portNameMismatches(environment),
    ...firewallMismatches(environment, appPort),
    ...resourcesIn(environment, "google_compute_instance").flatMap((machine) => scrapeMismatches(machine, appPort)),
  ];
}

/** GPU machines, or the templates that they are made from. */
export function servingMachines(environment: EnvironmentView): readonly PlacedResource[] {
  const machines = resourcesIn(environment, "google_compute_instance", "google_compute_instance_template");
  return machines.filter(({ body }) => blocksAt(body, "labels").some((labels) => labels.role === "llm"));
}

function expectPorts(
  { stack, address }: PlacedResource,
  ports: readonly (number | undefined)[],
  appPort: number,
): readonly Violation[] {
  if (ports.length === 0) return [violation(stack, address, `has no port, expected ${appPort}`)];
  return ports
    .filter((port) => port !== appPort)
    .map((port) => violation(stack, address, `has port ${port}, expected ${appPort}`));
}

function namedPorts({ body }: PlacedResource): readonly (number | undefined)[] {
  return blocksAt(body, "named_port").map((named) => numberAt(named, "port"));
}

function machineMismatches(machine: PlacedResource, appPort: number): readonly Violation[] {
  const files = bootFiles(machine.body);
  const container = variableIn(files.get("/etc/terrace/containers/gateway.env"), "PORT");
  const open = (variableIn(files.get("/etc/terrace/boot.env"), "OPEN_PORTS") ?? "").split(" ").map(Number);
  const closed = [appPort, PORTS.dcgmExporter, PORTS.nodeExporter].filter((port) => !open.includes(port));
  return [
    ...expectPorts(machine, [Number(container)], appPort),
    ...closed.map((port) => violation(machine.stack, machine.address, `keeps port ${port} closed`)),
  ];
}

/** A backend service asks each of its instance groups for a port by name. */
function portNameMismatches(environment: EnvironmentView): readonly Violation[] {
  const groups = resourcesIn(environment, ...GROUPS);
  return resourcesIn(environment, "google_compute_backend_service").flatMap(({ stack, address, body }) => {
    const portName = textAt(body, "port_name") ?? "http"; // Google's default
    return blocksAt(body, "backend").flatMap((backend) => {
      const group = groups.find((candidate) => refersTo(backend, "group", candidate));
      if (group === undefined) return []; // an endpoint group carries its port itself
      const names = blocksAt(group.body, "named_port").map((named) => textAt(named, "name"));
      if (names.includes(portName)) return [];
      return [violation(stack, address, `asks ${group.address} for port "${portName}", which has ${names.join(", ")}`)];
    });
  });
}

function refersTo(body: JsonObject, key: string, { address }: PlacedResource): boolean {
  return textAt(body, key)?.startsWith(`\${${address}.`) ?? false;
}

/** The health checkers must reach the app's port, and nothing else. */
function firewallMismatches(environment: EnvironmentView, appPort: number): readonly Violation[] {
  const rules = resourcesIn(environment, "google_compute_firewall");
  const forHealthChecks = rules.filter(({ body }) =>
    textsAt(body, "source_ranges").some((range) => HEALTH_CHECK_RANGES.includes(range)),
  );
  if (forHealthChecks.length === 0)
    return [{ at: environment.name, message: "no firewall rule lets health checks in" }];
  return forHealthChecks.flatMap((rule) => {
    const missing = HEALTH_CHECK_RANGES.filter((range) => !textsAt(rule.body, "source_ranges").includes(range));
    const ports = blocksAt(rule.body, "allow").flatMap((allow) => textsAt(allow, "ports"));
    return [
      ...missing.map((range) => violation(rule.stack, rule.address, `leaves ${range} out`)),
      ...expectPorts(rule, ports.map(Number), appPort),
    ];
  });
}

/** What Prometheus asks of the app. */
function scrapeMismatches(machine: PlacedResource, appPort: number): readonly Violation[] {
  const [metadata] = blocksAt(machine.body, "metadata");
  const configuration = metadata && textAt(metadata, "config-prometheus-prometheus-yml");
  if (configuration === undefined) return [];
  const job = /job_name: gateway\n([\s\S]*?)(?=- job_name|$)/.exec(configuration)?.[1] ?? "";
  return expectPorts(
    machine,
    [...job.matchAll(/^ *port: (\d+)$/gm)].map((match) => Number(match[1])),
    appPort,
  );
}
