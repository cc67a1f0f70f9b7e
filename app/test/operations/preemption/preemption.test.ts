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

describe("the preemption watcher", () => {
  it("waits at the metadata server and hears of the preemption at once", async () => {
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

  it("hears of a preemption that was there before it looked", async () => {
    const metadata = await metadataServer();
    metadata.set("preempted", "TRUE");
    const seen = watch(metadata.url);
    await seen.preempted;
  });

  it("asks again after an answer without a change, and does not take it for one", async () => {
    const metadata = await metadataServer();
    const seen = watch(metadata.url);
    await metadata.bothWait();
    metadata.timeOut();
    await metadata.bothWait();
    expect(seen.counts).toEqual({ preempted: 0, lost: 0 });
    metadata.set("preempted", "TRUE");
    await seen.preempted;
  });

  it("tells each maintenance event once, and goes on watching", async () => {
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

  it("outlives a lost server: says so once, and hears what happened meanwhile", async () => {
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

  it("does not believe a server that is not Google's", async () => {
    const impostor = await metadataServer({ flavor: "nginx" });
    impostor.set("preempted", "TRUE");
    const seen = watch(impostor.url);
    await seen.lost;
    while (impostor.asked.length < 6) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen.counts.preempted).toBe(0);
  });

  it("stops while it waits", async () => {
    const metadata = await metadataServer();
    const { watcher, counts } = watch(metadata.url);
    await metadata.bothWait();
    await watcher.stop();
    expect(counts).toEqual({ preempted: 0, lost: 0 });
  });
});
