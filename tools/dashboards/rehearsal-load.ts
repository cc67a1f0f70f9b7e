import { setTimeout as delay } from "node:timers/promises";
import { PATHS } from "../../app/src/contract";
import { USUAL_MIX } from "../load/errands";
import { startLoad } from "../load/generator";
import { LoadReport } from "../load/report";
import type { SimulatedEngine } from "../start/monitor/simulated-engines";

/** People who ask. */
const USERS = 40;
/** A whole answer of an L4 under load takes less. */
const GRACE_MS = 60_000;
/** Between two articles that somebody has asked for before, and how many of those there are. */
const KNOWN_ARTICLE_MS = 1_500;
const KNOWN_ARTICLES = 25;

/** A part of a rehearsal: so much of its time, so many requests a second. */
interface Phase {
  readonly share: number;
  readonly ratePerSecond: number;
  /** What goes wrong at its beginning, on the last engine. @default nothing */
  readonly fault?: "crash" | "restart";
}

/** A quiet hour, a busy one, more than the engines can do, an engine lost and back, and the evening. */
const PHASES: readonly Phase[] = [
  { share: 0.16, ratePerSecond: 1 },
  { share: 0.2, ratePerSecond: 3 },
  { share: 0.06, ratePerSecond: 8 },
  { share: 0.2, ratePerSecond: 2.5 },
  { share: 0.06, ratePerSecond: 2.5, fault: "crash" },
  { share: 0.14, ratePerSecond: 3, fault: "restart" },
  { share: 0.18, ratePerSecond: 1 },
];

/** Sends the rehearsal's load to a gateway, and does to the engines what goes wrong. */
export async function runPhases(url: string, engines: readonly SimulatedEngine[], seconds: number): Promise<void> {
  const report = new LoadReport();
  const articles = setInterval(() => void askForKnownArticle(url), KNOWN_ARTICLE_MS);
  for (const { share, ratePerSecond, fault } of PHASES) {
    console.log(`${ratePerSecond} requests a second${fault === undefined ? "" : `, ${fault} of an engine`}`);
    const last = engines.at(-1);
    if (fault !== undefined && last !== undefined) await inject(last.url, fault);
    const load = startLoad({
      ...{ url, ratePerSecond, mix: { ...USUAL_MIX, chat: 0 }, users: USERS },
      onResult: (result) => report.add(result),
    });
    await delay(share * seconds * 1_000);
    console.log(report.line(load.inFlight));
    // What is in flight ends under the next part.
    void load.stop(GRACE_MS);
  }
  clearInterval(articles);
  console.log(report.summary());
}

/** What the response cache is for: the load's own articles are all different. */
async function askForKnownArticle(url: string): Promise<void> {
  const text = `Article ${Math.floor(Math.random() * KNOWN_ARTICLES)}: the team moved from virtual machines to a cluster.`;
  const response = await fetch(`${url}${PATHS.news}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text, stream: false }),
  }).catch(() => undefined);
  await response?.text();
}

async function inject(url: string, kind: "crash" | "restart"): Promise<void> {
  const answer = await fetch(`${url}/simulator/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ kind }),
  });
  if (!answer.ok) throw new Error(`the simulator answered ${answer.status} to ${kind}: ${await answer.text()}`);
}
