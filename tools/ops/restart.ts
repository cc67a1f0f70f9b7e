/** Boots machines anew, one after another: a machine reads a new release at boot. */
import type { Machine } from "./machines";
import { look, readHealth } from "./observation";
import { bring, type Runner } from "./operate";
import { OpsError } from "./ops-error";
import type { Progress } from "./progress";

/**
 * Restarts each machine in turn, the next only once the one before is in traffic. Broken off and repeated it goes on with
 * the machine that it was at, and boots none twice.
 * @throws OpsError at the first machine that does not come back; those after it are not touched
 */
export async function restartAll(runner: Runner, machines: readonly Machine[], progress: Progress): Promise<void> {
  const { apply, say } = runner;
  const from = progress.goesOnFrom;
  if (from !== undefined) say(`going on with what began at ${from}`);
  for (const machine of machines) {
    if (progress.isDone(machine.name)) {
      say(`${machine.name} was restarted already`);
      continue;
    }
    await restartOne(runner, machine, progress);
    if (apply) progress.finish(machine.name);
  }
  if (apply) progress.close();
}

async function restartOne(runner: Runner, machine: Machine, progress: Progress): Promise<void> {
  const known = progress.bootOf(machine.name);
  if (known !== undefined) return bring(runner, machine, { kind: "restart", bootId: known ?? undefined });
  await refuseBesideTrouble(runner, machine);
  const { status, inside } = (await look(runner.run, machine, runner.machines)).seen;
  if (status === "RUNNING" && inside === undefined) {
    throw new OpsError(`${machine.name} runs and does not answer by SSH: look at its serial console first`);
  }
  const bootId = inside?.bootId ?? null;
  if (runner.apply) progress.begin(machine.name, bootId);
  await bring(runner, machine, { kind: "restart", bootId: bootId ?? undefined });
}

/** One machine at a time is out of traffic, and none while another already is. */
async function refuseBesideTrouble({ run, machines, evenTheLast }: Runner, machine: Machine): Promise<void> {
  if (evenTheLast) return;
  const health = await readHealth(run, machines);
  const troubled = machines
    .filter(({ name }) => name !== machine.name)
    .filter(({ name }) => Object.values(health.get(name) ?? {}).includes(false))
    .map(({ name }) => name);
  if (troubled.length === 0) return;
  throw new OpsError(
    `${machine.name} is left as it is: ${troubled.join(", ")} is not healthy. Undrain or repair it first, or say --even-the-last`,
  );
}
