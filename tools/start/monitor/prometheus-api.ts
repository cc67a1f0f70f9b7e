import { z } from "zod";

const labels = z.record(z.string(), z.string());

const targetsAnswer = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        labels,
        scrapeUrl: z.string(),
        health: z.enum(["up", "down", "unknown"]),
        lastError: z.string(),
        lastScrapeDuration: z.number(),
      }),
    ),
  }),
});

const alertsAnswer = z.object({
  data: z.object({ alerts: z.array(z.object({ labels, annotations: labels, state: z.enum(["pending", "firing"]) })) }),
});

const rulesAnswer = z.object({
  data: z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(z.object({ type: z.string() })) })) }),
});

/** A target of a running Prometheus, and how its last scrape went. */
export type LiveTarget = z.output<typeof targetsAnswer>["data"]["activeTargets"][number];
/** An alert as Prometheus sees it: its condition holds, or has held for long enough. */
export type LiveAlert = z.output<typeof alertsAnswer>["data"]["alerts"][number];

async function get<Schema extends z.ZodType>(url: string, schema: Schema): Promise<z.output<Schema>> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return schema.parse(await answer.json());
}

/** @param url of Prometheus, without a slash at its end */
export async function liveTargets(url: string): Promise<readonly LiveTarget[]> {
  return (await get(`${url}/api/v1/targets?state=active`, targetsAnswer)).data.activeTargets;
}

export async function liveAlerts(url: string): Promise<readonly LiveAlert[]> {
  return (await get(`${url}/api/v1/alerts`, alertsAnswer)).data.alerts;
}

/** How many rules it has loaded. */
export async function ruleCounts(url: string): Promise<{ readonly alerting: number; readonly recording: number }> {
  const rules = (await get(`${url}/api/v1/rules`, rulesAnswer)).data.groups.flatMap((group) => group.rules);
  const count = (type: string) => rules.filter((rule) => rule.type === type).length;
  return { alerting: count("alerting"), recording: count("recording") };
}
