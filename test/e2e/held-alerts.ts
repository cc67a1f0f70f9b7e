import { z } from "zod";

const heldAlerts = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    status: z.object({ state: z.string(), inhibitedBy: z.array(z.string()) }),
  }),
);

/** An alert as Alertmanager holds it. */
export type HeldAlert = z.output<typeof heldAlerts>[number];

/** @param url of Alertmanager, without a slash at its end */
export async function heldByAlertmanager(url: string): Promise<readonly HeldAlert[]> {
  const answer = await fetch(`${url}/api/v2/alerts`, { signal: AbortSignal.timeout(5_000) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return heldAlerts.parse(await answer.json());
}
