import { request } from "undici";
import { METRICS } from "../../contract/metrics";
import { metricValues } from "../../operations/activity/engine-load";
import { messageOf } from "../../shared/errors/message-of";

/** Milliseconds for a gateway's page. */
const TIMEOUT_MS = 3_000;

/**
 * What must be 0 at a gateway that has nothing to do. The recent figures cover the last minute, shorter requests
 * included.
 */
const MUST_BE_ZERO = [METRICS.inFlight, METRICS.pendingRequests, METRICS.recentTokensPerSecond, METRICS.recentTtftP95];

/**
 * Reads the gateways' own metrics, now: Prometheus' are as old as its last scrape.
 * @returns why one of them is busy; undefined where all of them rest
 */
export async function busyNow(gateways: readonly string[]): Promise<string | undefined> {
  const answers = await Promise.all(gateways.map(busyGateway));
  return answers.find((why) => why !== undefined);
}

async function busyGateway(url: string): Promise<string | undefined> {
  try {
    const { statusCode, body } = await request(`${url}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const page = await body.text();
    if (statusCode !== 200) return `${url} answers ${statusCode}`;
    for (const name of MUST_BE_ZERO) {
      const values = metricValues(page, name);
      if (values.length === 0) return `${url} does not tell ${name}`;
      if (values.some((value) => value !== 0)) return `${url} has ${name} ${values.find((value) => value !== 0)}`;
    }
    return undefined;
  } catch (thrown) {
    // One that does not answer may be at work.
    return `${url} cannot be asked: ${messageOf(thrown)}`;
  }
}
