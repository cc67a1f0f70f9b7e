import { blocksAlong, blocksAt, numberAt, textAt } from "../../support/json";
import { type PlacedResource, resourcesIn } from "../../support/stack-view";
import { bootFiles, variableIn } from "../../support/user-data";
import { violation } from "../../support/violation";
import { bootDisks, MACHINES, userData } from "./machine";
import { type PolicyRule, resourceRule, type Wrong } from "./rule";

/** A rule on each machine with an L4. */
function gpuRule(id: string, says: string, wrong: (machine: PlacedResource) => Wrong): PolicyRule {
  return resourceRule(id, says, MACHINES, (machine) => (isGpuMachine(machine) ? wrong(machine) : undefined));
}

function isGpuMachine({ body }: PlacedResource): boolean {
  return textAt(body, "machine_type")?.startsWith("g2-") ?? false;
}

function isSpot({ body }: PlacedResource): boolean {
  return blocksAt(body, "scheduling").some((scheduling) => scheduling.provisioning_model === "SPOT");
}

export const GPU_MACHINE_RULES: readonly PolicyRule[] = [
  gpuRule("g2-terminates", "A machine with a GPU cannot migrate: without TERMINATE it is not created.", ({ body }) =>
    blocksAt(body, "scheduling").some((scheduling) => scheduling.on_host_maintenance === "TERMINATE")
      ? undefined
      : "on_host_maintenance is not TERMINATE",
  ),
  gpuRule("g2-disks", "g2 machines take pd-balanced and pd-ssd; others are refused or too slow.", ({ body }) =>
    bootDisks(body)
      .map((disk) => textAt(disk, "type") ?? textAt(disk, "disk_type") ?? "pd-standard by default")
      .filter((type) => type !== "pd-balanced" && type !== "pd-ssd")
      .map((type) => `boot disk is ${type}`),
  ),
  gpuRule("g2-brings-its-gpu", "A g2 shape includes its L4s; guest_accelerator asks for a second set.", ({ body }) =>
    blocksAt(body, "guest_accelerator").length > 0 ? "has guest_accelerator" : undefined,
  ),
  gpuRule(
    "no-gpus-flag",
    "docker on Container-Optimized OS knows no --gpus; devices are passed one by one.",
    (machine) => (/--gpus\b/.test(userData(machine.body)) ? "user-data passes --gpus" : undefined),
  ),
  gpuRule(
    "driver-is-executable",
    "/var/lib/nvidia is mounted noexec at boot; the driver's programs fail until it is remounted.",
    (machine) => {
      const script = [...bootFiles(machine.body).values()].join("\n");
      return /mount\b[^\n]*\bremount,exec\b[^\n]*|mount\b[^\n]*-o exec[^\n]*nvidia/.test(script)
        ? undefined
        : "user-data never remounts the driver's directory exec";
    },
  ),
  gpuRule(
    "keep-alive-outlasts-the-balancer",
    "The load balancer keeps a backend connection for 600 s; an app that closes earlier causes stray 502s.",
    (machine) => {
      const environmentFile = bootFiles(machine.body).get("/etc/terrace/containers/gateway.env");
      const keepAlive = Number(variableIn(environmentFile, "KEEP_ALIVE_MS"));
      return keepAlive > 600_000 ? undefined : `the gateway's keep-alive is ${keepAlive} ms`;
    },
  ),
  gpuRule("gpu-scheduling", "A Spot machine stops when reclaimed and does not restart by itself.", (machine) => {
    const [scheduling] = blocksAt(machine.body, "scheduling");
    if (scheduling === undefined || !isSpot(machine)) return undefined;
    return [
      ...(scheduling.automatic_restart === false ? [] : ["is Spot with automatic_restart"]),
      ...(scheduling.preemptible === true ? [] : ["is Spot without preemptible, which the API demands"]),
      ...(scheduling.instance_termination_action === "STOP" || machine.type === "google_compute_instance_template"
        ? []
        : ["is Spot and would be deleted when reclaimed"]),
    ];
  }),
  {
    id: "not-spot-alone",
    says: "Several Spot machines can be reclaimed at once; one of two or more is on demand.",
    check: (environment) => {
      const machines = resourcesIn(environment, ...MACHINES).filter(isGpuMachine);
      if (machines.length < 2 || !machines.every(isSpot)) return [];
      return machines.map(({ stack, address }) => violation(stack, address, "is Spot, as every other GPU machine is"));
    },
  },
  resourceRule(
    "autoscaler-follows-load",
    "The autoscaler sees queue, time to first token and GPU; CPU says nothing about GPU work. Scaling in is slow.",
    ["google_compute_autoscaler"],
    ({ body }) => {
      const metrics = blocksAlong(body, "autoscaling_policy", "metric").map((metric) => textAt(metric, "name"));
      const wanted = ["queue/length", "vllm/ttft_p95_ms", "gpu/usage_percent"].map((m) => `custom.googleapis.com/${m}`);
      const control = blocksAlong(body, "autoscaling_policy", "scale_in_control").flatMap(
        (c) => numberAt(c, "time_window_sec") ?? [],
      );
      return [
        ...wanted.filter((metric) => !metrics.includes(metric)).map((metric) => `does not follow ${metric}`),
        ...(blocksAlong(body, "autoscaling_policy", "cpu_utilization").length > 0 ? ["follows the CPU"] : []),
        ...(control.some((seconds) => seconds >= 600) ? [] : ["scales in without a control of 10 minutes"]),
      ];
    },
  ),
];
