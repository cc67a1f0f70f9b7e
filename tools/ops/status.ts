import { renderTable } from "../../reporting/table";
import type { Gcloud } from "./gcloud";
import type { Machine } from "./machines";
import { readHealth, readStatus } from "./observation";

/** A line for each machine: where it is, whether it runs, and which backend services send it traffic. */
export async function statusTable(run: Gcloud, machines: readonly Machine[]): Promise<string> {
  const status = await readStatus(run, machines);
  const health = await readHealth(run, machines);
  const rows = machines.map((machine) => {
    const services = Object.values(health.get(machine.name) ?? {});
    const healthy = services.filter((each) => each).length;
    const state = status.get(machine.name) ?? "MISSING";
    return [machine.name, machine.group, machine.zone, machine.provisioning, state, `${healthy} of ${services.length}`];
  });
  return renderTable(["machine", "group", "zone", "bought", "state", "in traffic"], rows);
}
