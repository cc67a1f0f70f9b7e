/** Rehearses the reclaim of a Spot machine with a simulated one. */
import { commandText, type Gcloud, gcloudOutput } from "./gcloud";
import type { Machine } from "./machines";
import { hasOther, readHealth, readStatus } from "./observation";
import { bring, type Runner } from "./operate";
import { OpsError } from "./ops-error";

/** Milliseconds between two looks: the machine has 30 s in all. */
const LOOK_EVERY_MS = 2_000;

/** https://cloud.google.com/compute/docs/instances/create-use-spot: a simulated maintenance event reclaims a Spot machine. */
export function preemptArgs({ name, zone, project }: Machine): readonly string[] {
  return [
    "compute",
    "instances",
    "simulate-maintenance-event",
    name,
    `--zone=${zone}`,
    `--project=${project}`,
    "--async",
  ];
}

/** Where the gateway's own report of what was lost is found afterwards. */
export function reportArgs({ name, project }: Machine): readonly string[] {
  const filter = `resource.type="gce_instance" AND "${name}" AND "drained"`;
  return ["logging", "read", filter, `--project=${project}`, "--limit=5", "--freshness=1h"];
}

/**
 * Has a Spot machine reclaimed, waits until it is off, and starts it again. Other machines must carry the traffic.
 * @throws OpsError where the machine is not Spot, or the last one
 */
export async function rehearsePreemption(runner: Runner, machine: Machine): Promise<void> {
  const { run, apply, say, sleep, timeoutMs } = runner;
  if (machine.provisioning !== "spot") {
    throw new OpsError(`${machine.name} is not Spot: Google never reclaims it. A restart is what it can be tried with`);
  }
  const health = await readHealth(run, runner.machines);
  const alone = machine.services.filter((service) => !hasOther(health, machine, service));
  if (alone.length > 0 && !runner.evenTheLast) {
    throw new OpsError(
      `${machine.name} is left as it is: no other machine of ${alone.join(", ")} is healthy; with --even-the-last the service is down meanwhile`,
    );
  }
  const status = await statusOf(run, machine);
  if (!apply) {
    if (status === "RUNNING") say(`would run: ${commandText(preemptArgs(machine))}`);
    say("would wait until it is off, then start it and wait until it is in traffic");
    return;
  }
  if (status === "RUNNING") {
    say(`${machine.name}: ${commandText(preemptArgs(machine))}`);
    await gcloudOutput(run, preemptArgs(machine));
    const seconds = await secondsUntilOff(runner, machine, { sleep, timeoutMs });
    say(`${machine.name} was off after about ${seconds} s; what was finished and what was lost:`);
    say(`  ${commandText(reportArgs(machine))}`);
  }
  await bring(runner, machine, { kind: "undrain" });
}

async function statusOf(run: Gcloud, machine: Machine): Promise<string | undefined> {
  return (await readStatus(run, [machine])).get(machine.name);
}

async function secondsUntilOff(
  { run }: Runner,
  machine: Machine,
  { sleep, timeoutMs }: Pick<Runner, "sleep" | "timeoutMs">,
): Promise<number> {
  for (let waitedMs = 0; waitedMs <= timeoutMs; waitedMs += LOOK_EVERY_MS) {
    const status = await statusOf(run, machine);
    if (status === "TERMINATED" || status === "STOPPED") return Math.round(waitedMs / 1000);
    await sleep(LOOK_EVERY_MS);
  }
  throw new OpsError(`${machine.name} was reclaimed and is still not off`);
}
