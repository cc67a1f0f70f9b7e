import { afterEach, describe, expect, it } from "@jest/globals";
import { PreemptionWatcher } from "../../../src/operations/preemption/preemption-watcher";
import { startMetadataWatch } from "../../support/metadata-watch";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function metadataServer(options: Parameters<typeof startMetadataWatch>[0] = {}) {
  const metadata = await startMetadataWatch(options);
  closers.push(metadata.close);
  return metadata;
}

interface Seen {
  readonly preempted: Promise<void>;
  readonly events: string[];
  readonly counts: { preempted: number; lost: number };
  readonly lost: Promise<void>;
}

function watch(metadataUrl: string): Seen & { readonly watcher: PreemptionWatcher } {
  const events: string[] = [];
  const counts = { preempted: 0, lost: 0 };
  let preempt = () => {};
  let lose = () => {};
  const preempted = new Promise<void>((resolve) => {
    preempt = resolve;
  });
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  const watcher = new PreemptionWatcher({
    metadataUrl,
    retryMs: 10,
    onPreempted() {
      counts.preempted += 1;
      preempt();
    },
    onMaintenance: (event) => events.push(event),
    onLost() {
      counts.lost += 1;
      lose();
    },
  });
  watcher.start();
  closers.push(() => watcher.stop());
  return { watcher, events, counts, preempted, lost };
}

describe("PreemptionWatcher", () => {
  it("waits at the metadata server and reports the preemption at once", async () => {
    const metadata = await metadataServer();
    const seen = watch(metadata.url);
    await metadata.bothWait();
    expect(seen.counts.preempted).toBe(0);
    metadata.set("preempted", "TRUE");
    await seen.preempted;
    expect(seen.counts.preempted).toBe(1);
    for (const { flavor } of metadata.asked) expect(flavor).toBe("Google");
    const waited = metadata.asked.filter(({ query }) => query.get("wait_for_change") === "true");
    expect(waited.map(({ path, query }) => [path.split("/").at(-1), query.get("last_etag")]).sort()).toEqual(
      expect.arrayContaining([
        ["maintenance-event", "e1"],
        ["preempted", "e1"],
      ]),
    );
  });

  it("reports a preemption from before it started", async () => {
    const metadata = await metadataServer();
    metadata.set("preempted", "TRUE");
    const seen = watch(metadata.url);
    await seen.preempted;
  });

  it("polls again after an answer without a change, and reports none", async () => {
    const metadata = await metadataServer();
    const seen = watch(metadata.url);
    await metadata.bothWait();
    metadata.timeOut();
    await metadata.bothWait();
    expect(seen.counts).toEqual({ preempted: 0, lost: 0 });
    metadata.set("preempted", "TRUE");
    await seen.preempted;
  });

  it("reports each maintenance event once, and watches on", async () => {
    const metadata = await metadataServer();
    const seen = watch(metadata.url);
    await metadata.bothWait();
    metadata.set("maintenance-event", "TERMINATE_ON_HOST_MAINTENANCE");
    await metadata.bothWait();
    metadata.timeOut();
    await metadata.bothWait();
    expect(seen.events).toEqual(["TERMINATE_ON_HOST_MAINTENANCE"]);
    expect(seen.counts.preempted).toBe(0);
  });

  it("survives a lost server: reports it once, and then the change that came meanwhile", async () => {
    const first = await metadataServer();
    const seen = watch(first.url);
    await first.bothWait();
    await first.close();
    await seen.lost;
    const second = await metadataServer({ port: first.port });
    await second.bothWait();
    expect(seen.counts).toEqual({ preempted: 0, lost: 1 });
    second.set("preempted", "TRUE");
    await seen.preempted;
  });

  it("ignores a server that is not Google's", async () => {
    const impostor = await metadataServer({ flavor: "nginx" });
    impostor.set("preempted", "TRUE");
    const seen = watch(impostor.url);
    await seen.lost;
    while (impostor.asked.length < 6) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen.counts.preempted).toBe(0);
  });

  it("stops during a waiting request", async () => {
    const metadata = await metadataServer();
    const { watcher, counts } = watch(metadata.url);
    await metadata.bothWait();
    await watcher.stop();
    expect(counts).toEqual({ preempted: 0, lost: 0 });
  });
});
