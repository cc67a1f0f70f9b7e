import type { SimulatedEngine } from "../../tools/start/monitor/simulated-engines";

/** Injects a fault into an engine, such as `{ kind: "crash" }`. */
export async function inject({ url }: SimulatedEngine, fault: Readonly<Record<string, unknown>>): Promise<void> {
  await change(url, { method: "POST", body: JSON.stringify(fault) });
}

/** Ends a slowdown and cancels pending faults. */
export async function clearFaults({ url }: SimulatedEngine): Promise<void> {
  await change(url, { method: "DELETE" });
}

async function change(url: string, init: RequestInit): Promise<void> {
  const answer = await fetch(`${url}/simulator/faults`, { ...init, headers: { "content-type": "application/json" } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
}
