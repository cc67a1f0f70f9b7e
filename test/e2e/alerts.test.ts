/**
 * Real Prometheus and Alertmanager with the product's own rules, routes and inhibitions watch a real gateway under load.
 * Faults are injected; messages for Slack and e-mail arrive at a webhook. All durations of rules, routes and
 * scrapes are divided by {@link FACTOR}, see `time-lapse.ts`.
 */
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { TASKS } from "../../app/src/contract/tasks";
import { describeWith } from "../../testing/programs";
import { type Load, startLoad } from "../../tools/load/generator";
import { clearFaults, inject } from "./faults";
import { eventually, LARGE_MODEL, NEWS_MODEL, type Notice, SITE_TOKEN, type Site, startSite } from "./site";

const FACTOR = 40;
/** Enough for a share to mean something, little enough for a busy machine. */
const REQUESTS_PER_SECOND = 10;
/** One of about four streams. */
const CUT_EVERY_MS = 600;

describeWith(["prometheus", "prometheus-alertmanager"], "Prometheus and Alertmanager over a gateway under load", () => {
  let site: Site;
  let load: Load;

  beforeAll(async () => {
    site = await startSite(FACTOR);
    load = startLoad({
      url: site.url,
      token: SITE_TOKEN,
      ratePerSecond: REQUESTS_PER_SECOND,
      users: 5,
      mix: { til: 1, news: 5, interview: 2 },
      onResult: () => {},
    });
  });
  afterAll(async () => {
    await load?.stop();
    await site?.stop();
  });

  /** The first notice of an alert with these labels. */
  function noticeOf(name: string, status: Notice["status"], labels: Notice["labels"] = {}): Promise<Notice> {
    const matches = (one: Notice) =>
      one.name === name &&
      one.status === status &&
      Object.entries(labels).every(([label, value]) => one.labels[label] === value);
    return eventually(site, `${status} ${name} ${JSON.stringify(labels)}`, () => site.notices().find(matches));
  }

  const endpointOf = (index: 0 | 1) => ({ model: LARGE_MODEL, endpoint: new URL(site.engines[index].url).host });

  it("scrape every target and send no message without a fault", async () => {
    const targets = await eventually(site, "all targets up", async () => {
      const seen = await site.targets();
      const healths = Object.values(seen);
      return healths.length > 0 && healths.every((health) => health === "up") ? seen : undefined;
    });
    expect(Object.keys(targets).toSorted()).toEqual([
      "alertmanager localhost",
      "gateway localhost",
      "prometheus localhost",
      "vllm engine-1",
      "vllm engine-2",
      "vllm engine-3",
    ]);
    // It has no channel: that Alertmanager holds it shows that rules are evaluated and sent.
    await eventually(site, "the heartbeat", async () =>
      (await site.held()).find(({ labels }) => labels.alertname === "Watchdog"),
    );
    expect(site.notices()).toEqual([]);
  });

  it("send ServerErrors while streams break off after their first tokens", async () => {
    const cuts = setInterval(() => void inject(site.newsEngine, { kind: "cut", afterTokens: 3 }), CUT_EVERY_MS);
    try {
      expect(await noticeOf("ServerErrors", "firing", { route: TASKS.news.path })).toMatchObject({
        receiver: "warning",
      });
    } finally {
      clearInterval(cuts);
    }
    await clearFaults(site.newsEngine);
    await noticeOf("ServerErrors", "resolved", { route: TASKS.news.path });
    // Every one of them began as a 200: no engine was away.
    expect(site.notices().filter(({ labels }) => labels.model === NEWS_MODEL)).toEqual([]);
  });

  it("send EndpointDown to Slack when an engine crashes", async () => {
    await inject(site.engines[0], { kind: "crash" });
    expect(await noticeOf("EndpointDown", "firing")).toMatchObject({
      receiver: "warning",
      channel: "slack",
      labels: { ...endpointOf(0), severity: "warning" },
    });
    expect(site.notices().filter(({ name }) => name === "ModelUnavailable")).toEqual([]);
  });

  it("send ModelUnavailable to Slack and e-mail when the other one crashes too, and inhibit EndpointDown", async () => {
    await inject(site.engines[1], { kind: "crash" });
    await noticeOf("ModelUnavailable", "firing", { model: LARGE_MODEL });
    const channels = await eventually(site, "both channels", () => {
      const seen = site.notices().filter(({ name }) => name === "ModelUnavailable");
      return seen.length < 2 ? undefined : seen.map(({ receiver, channel }) => `${receiver} ${channel}`).toSorted();
    });
    expect(channels).toEqual(["critical email", "critical slack"]);
    const held = await eventually(site, "EndpointDown of the second engine, inhibited", async () =>
      (await site.held()).find(
        ({ labels, status }) => labels.endpoint === endpointOf(1).endpoint && status.inhibitedBy.length > 0,
      ),
    );
    expect(held).toMatchObject({ labels: { alertname: "EndpointDown" }, status: { state: "suppressed" } });
    expect(site.notices().filter(({ labels }) => labels.endpoint === endpointOf(1).endpoint)).toEqual([]);
  });

  it("send SlowFirstToken of an engine's task to Slack while the engine is slow", async () => {
    // Meanwhile: an open circuit is not tried for 30 s, and no factor shortens that.
    for (const engine of site.engines) await inject(engine, { kind: "restart" });
    await inject(site.newsEngine, { kind: "slow", factor: 30 });
    expect(await noticeOf("SlowFirstToken", "firing", { task: "news" })).toMatchObject({
      receiver: "warning",
      channel: "slack",
      labels: { severity: "warning", environment: "local" },
    });
    await clearFaults(site.newsEngine);
    await noticeOf("SlowFirstToken", "resolved", { task: "news" });
    expect(site.notices().filter(({ name, channel }) => name === "SlowFirstToken" && channel === "email")).toEqual([]);
    expect(site.notices().filter(({ labels }) => labels.model === NEWS_MODEL)).toEqual([]);
  });

  it("resolve the alerts of engines that are back", async () => {
    await noticeOf("ModelUnavailable", "resolved", { model: LARGE_MODEL });
    await noticeOf("EndpointDown", "resolved", endpointOf(0));
  });

  it("send TargetDown while a killed gateway is away", async () => {
    await site.killGateway();
    expect(await noticeOf("TargetDown", "firing")).toMatchObject({
      receiver: "warning",
      channel: "slack",
      labels: { job: "gateway", instance: "localhost" },
    });
    await site.startGateway();
    await noticeOf("TargetDown", "resolved", { job: "gateway" });
  });
});
