import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { AdapterService, AdapterServiceOptions } from "../../../src/engines/adapters/adapter-service";
import { PostgresAdapterRepository } from "../../../src/engines/adapters/postgres-adapter-repository";
import type { Sql } from "../../../src/stores/postgres/database";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { FakeHost } from "./fake-host";
import { startAdapters, until, version } from "./fixtures";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

let sql: Sql;
let hosts: FakeHost[];
const running: AdapterService[] = [];
beforeEach(async () => {
  for (const gateway of running.splice(0)) await gateway.stop();
  ({ sql } = await postgres.create());
  hosts = [new FakeHost("e1"), new FakeHost("e2")];
});
afterAll(async () => {
  for (const gateway of running) await gateway.stop();
});

function gateway(options: Partial<AdapterServiceOptions> = {}) {
  const adapters = startAdapters(sql, hosts, options);
  running.push(adapters);
  return { adapters, promotion: adapters.promotion };
}

const question = { user: "jimin", domain: "commit", task: "til" } as const;
const pointer = { owner: null, domain: "commit" };

describe("AdapterPromotion.register", () => {
  it("is idempotent, and refuses another adapter of that name or version", async () => {
    const { promotion } = gateway();
    expect(await promotion.register(version(1))).toMatchObject({ created: true, adapter: { status: "staged" } });
    expect(await promotion.register(version(1))).toMatchObject({ created: false });
    await expect(promotion.register(version(1, { sha256: "b".repeat(64) }))).rejects.toMatchObject({ status: 409 });
    await expect(promotion.register(version(1, { name: "other-v1" }))).rejects.toMatchObject({ status: 409 });
    await expect(promotion.register(version(2, { baseModel: "nobodys" }))).rejects.toMatchObject({ status: 404 });
    expect(await promotion.register(version(1, { owner: "jimin" }))).toMatchObject({ created: true });
  });
});

describe("AdapterPromotion.activate", () => {
  it("loads and tries the adapter on every engine before it answers a user", async () => {
    const { adapters, promotion } = gateway();
    await promotion.register(version(1));
    expect(adapters.resolve(question)).toEqual({ name: null, version: null });
    const activation = await promotion.activate("all-commit-v1", "ops");
    expect(activation).toMatchObject({ who: "ops", from: null, to: "all-commit-v1" });
    expect(adapters.resolve(question)).toEqual({ name: "all-commit-v1", version: 1 });
    for (const host of hosts) expect(host.calls.map(([what]) => what)).toEqual(["load", "smoke"]);
    expect((await adapters.list())[0]).toMatchObject({ loadedOn: ["e1", "e2"], inFlight: 0 });
  });

  it.each([
    ["an engine refuses to load it", (host: FakeHost) => host.refuse("all-commit-v2"), "ADAPTER_NOT_LOADED"],
    ["it answers nothing", (host: FakeHost) => host.answerWith(" "), "ADAPTER_SMOKE_FAILED"],
  ])("leaves the pointer where it was when %s", async (_case, breakHost, code) => {
    const { adapters, promotion } = gateway();
    await promotion.register(version(1));
    await promotion.register(version(2));
    await promotion.activate("all-commit-v1", "ops");
    const [, second] = hosts;
    if (second !== undefined) breakHost(second);
    const failure = promotion.activate("all-commit-v2", "ops");
    await expect(failure).rejects.toMatchObject({ status: 502, code, params: { failed: 1, total: 2 } });
    expect(adapters.resolve(question).name).toBe("all-commit-v1");
    expect((await adapters.list()).map(({ adapter }) => adapter.status)).toEqual(["staged", "active"]);
  });

  it.each([1, 2])(
    "unloads what answered nothing, and loads again what had left for it: of %i places",
    async (maxLoras) => {
      const { adapters, promotion } = gateway({ maxLoras });
      await promotion.register(version(1));
      await promotion.register(version(2));
      await promotion.activate("all-commit-v1", "ops");
      const [, second] = hosts;
      second?.answerWith(" ");
      await expect(promotion.activate("all-commit-v2", "ops")).rejects.toMatchObject({ code: "ADAPTER_SMOKE_FAILED" });
      for (const host of hosts) expect([...host.loaded]).toEqual(["all-commit-v1"]);
      // The active one stays, also where it answers nothing.
      await expect(promotion.activate("all-commit-v1", "ops")).rejects.toMatchObject({ code: "ADAPTER_SMOKE_FAILED" });
      for (const host of hosts) expect([...host.loaded]).toEqual(["all-commit-v1"]);
      expect(adapters.resolve(question).name).toBe("all-commit-v1");
    },
  );

  it("takes the place of an adapter that is not active before that of an active one", async () => {
    const { promotion } = gateway({ maxLoras: 2 });
    for (const number of [1, 2, 3]) await promotion.register(version(number));
    await promotion.activate("all-commit-v1", "ops");
    await new Promise((resolve) => setTimeout(resolve, 5));
    await promotion.activate("all-commit-v2", "ops");
    await promotion.rollback(pointer, "ops");
    await promotion.activate("all-commit-v3", "ops");
    for (const host of hosts) expect([...host.loaded].sort()).toEqual(["all-commit-v1", "all-commit-v3"]);
  });

  it("loads the adapter again on an engine that lost it since this gateway last looked", async () => {
    const { adapters, promotion } = gateway();
    await promotion.register(version(1));
    await promotion.activate("all-commit-v1", "ops");
    hosts[1]?.loaded.clear();
    await promotion.activate("all-commit-v1", "ops");
    expect(hosts.map((host) => host.count("load", "all-commit-v1"))).toEqual([1, 2]);
    expect(hosts.map((host) => host.count("smoke", "all-commit-v1"))).toEqual([2, 3]);
    expect((await adapters.list())[0]).toMatchObject({ loadedOn: ["e1", "e2"] });
  });

  it("skips an engine that takes no requests, which loads the adapter when it is back", async () => {
    const { adapters, promotion } = gateway();
    const [first, second] = hosts;
    await promotion.register(version(1));
    if (second !== undefined) second.up = false;
    await promotion.activate("all-commit-v1", "ops");
    adapters.start();
    await until(() => first?.loaded.has("all-commit-v1") === true);
    expect(second?.loaded.size).toBe(0);
    if (second !== undefined) second.up = true;
    await until(() => second?.loaded.has("all-commit-v1") === true);
  });

  it("loads on an engine that listens again after its circuit was half-open, at the next look", async () => {
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (_details: unknown, message?: string) => void warnings.push(message ?? "") };
    const { adapters, promotion } = gateway({ log });
    const [first, second] = hosts;
    if (first === undefined || second === undefined) throw new Error("no engines");
    await promotion.register(version(1));
    await promotion.activate("all-commit-v1", "ops");
    second.loaded.clear();
    second.up = false;
    second.halfOpen = true;
    adapters.start();
    const looks = () => second.count("list", "");
    await until(() => looks() > 3);
    expect(warnings).toEqual(["adapters of e2 are not known"]);
    second.up = true;
    await until(() => second.loaded.has("all-commit-v1"));
  });

  it("throws 503 when no engine takes requests, 404 for an unregistered name", async () => {
    const { promotion } = gateway();
    await promotion.register(version(1));
    for (const host of hosts) host.up = false;
    await expect(promotion.activate("all-commit-v1", "ops")).rejects.toMatchObject({ status: 503 });
    await expect(promotion.activate("nobodys-v1", "ops")).rejects.toMatchObject({ status: 404 });
  });

  it("has one winner among gateways, and one active adapter for a pointer", async () => {
    const gateways = Array.from({ length: 4 }, () => gateway());
    for (const number of [1, 2, 3, 4]) await gateways[0]?.promotion.register(version(number));
    for (let round = 0; round < 5; round += 1) {
      const activations = await Promise.allSettled(
        gateways.map(({ promotion }, index) => promotion.activate(`all-commit-v${index + 1}`, `ops${index}`)),
      );
      for (const activation of activations)
        if (activation.status === "rejected") expect(activation.reason).toMatchObject({ status: 409 });
      const rows = await sql.selectFrom("adapters").select("name").where("status", "=", "active").execute();
      expect(rows).toHaveLength(1);
    }
    const history = await new PostgresAdapterRepository(sql).history(pointer);
    expect(history.length).toBeGreaterThanOrEqual(5);
    history.forEach((move, index) => void expect(move.from).toBe(history[index - 1]?.to ?? null));
  });
});

describe("AdapterService with more active adapters than places", () => {
  it("holds each of them for a request, however often the engines are reconciled", async () => {
    const { adapters, promotion } = gateway({ maxLoras: 2, reconcileMs: 5, followMs: 5 });
    const owners = ["jimin", "minho", "sora"];
    for (const owner of owners) {
      await promotion.register(version(1, { owner }));
      await promotion.activate(`${owner}-commit-v1`, "ops");
    }
    adapters.start();
    const [host] = hosts;
    if (host === undefined) throw new Error("no engine");
    const { signal } = new AbortController();
    for (let request = 0; request < 60; request += 1) {
      const name = `${owners[request % owners.length]}-commit-v1`;
      const release = await adapters.hold(host, name, signal);
      expect(host.loaded.has(name)).toBe(true);
      release();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(host.count("list", "")).toBeGreaterThan(5);
  });
});

describe("AdapterPromotion.rollback", () => {
  it("goes back a version at a time, to the base model in the end, without loading anything", async () => {
    const { adapters, promotion } = gateway();
    for (const number of [1, 2]) {
      await promotion.register(version(number));
      await promotion.activate(`all-commit-v${number}`, "ops");
    }
    const loads = hosts.map((host) => host.calls.length);
    expect(await promotion.rollback(pointer, "ops")).toMatchObject({ from: "all-commit-v2", to: "all-commit-v1" });
    expect(adapters.resolve(question).name).toBe("all-commit-v1");
    expect(await promotion.rollback(pointer, "ops")).toMatchObject({ from: "all-commit-v1", to: null });
    expect(adapters.resolve(question)).toEqual({ name: null, version: null });
    await expect(promotion.rollback(pointer, "ops")).rejects.toMatchObject({ status: 409 });
    expect(hosts.map((host) => host.calls.length)).toEqual(loads);
  });

  it("succeeds where one engine refuses, and fails where all of them do", async () => {
    const { adapters, promotion } = gateway({ maxLoras: 1 });
    for (const number of [1, 2]) {
      await promotion.register(version(number));
      await promotion.activate(`all-commit-v${number}`, "ops");
    }
    for (const host of hosts) host.refused.add("all-commit-v1");
    await expect(promotion.rollback(pointer, "ops")).rejects.toMatchObject({ code: "ADAPTER_NOT_LOADED" });
    expect(adapters.resolve(question).name).toBe("all-commit-v2");
    hosts[1]?.refused.clear();
    await promotion.rollback(pointer, "ops");
    expect(adapters.resolve(question).name).toBe("all-commit-v1");
  });
});

describe("AdapterPromotion.retire and unload", () => {
  it("leave the domain's adapter to a user whose own is retired", async () => {
    const { adapters, promotion } = gateway();
    for (const fields of [{}, { owner: "jimin" }]) {
      await promotion.register(version(1, fields));
      await promotion.activate(`${fields.owner ?? "all"}-commit-v1`, "ops");
    }
    expect(adapters.resolve(question).name).toBe("jimin-commit-v1");
    await expect(promotion.unload("jimin-commit-v1")).rejects.toMatchObject({ status: 409 });
    await promotion.retire("jimin-commit-v1", "ops");
    await promotion.retire("jimin-commit-v1", "ops");
    expect(adapters.resolve(question).name).toBe("all-commit-v1");
    await promotion.unload("jimin-commit-v1");
    for (const host of hosts) expect([...host.loaded]).toEqual(["all-commit-v1"]);
  });

  it("never unload what a request uses", async () => {
    const { adapters, promotion } = gateway();
    for (const number of [1, 2]) {
      await promotion.register(version(number));
      await promotion.activate(`all-commit-v${number}`, "ops");
    }
    const [first] = hosts;
    if (first === undefined) throw new Error("no engine");
    const release = await adapters.hold(first, "all-commit-v1", new AbortController().signal);
    await expect(promotion.unload("all-commit-v1")).rejects.toMatchObject({ status: 409 });
    expect(first.loaded.has("all-commit-v1")).toBe(true);
    release();
    await promotion.unload("all-commit-v1");
    expect(first.loaded.has("all-commit-v1")).toBe(false);
  });
});

describe("AdapterServices over one database", () => {
  it("follow each other's changes by polling", async () => {
    const [one, two] = [gateway(), gateway()];
    two.adapters.start();
    await until(() => two.adapters.resolve(question).fallbackReason === undefined);
    await one.promotion.register(version(1));
    await one.promotion.activate("all-commit-v1", "ops");
    await until(() => two.adapters.resolve(question).name === "all-commit-v1");
    expect(hosts.map((host) => host.count("load", "all-commit-v1"))).toEqual([1, 1]);
    await one.promotion.rollback(pointer, "ops");
    await until(() => two.adapters.resolve(question).name === null);
  });

  it("keep their last selection while the database is away, and return the reason where they have none", async () => {
    const own = await startPostgres();
    try {
      ({ sql } = await own.create());
      const one = gateway();
      await one.promotion.register(version(1));
      await one.promotion.activate("all-commit-v1", "ops");
      await own.kill();
      one.adapters.start();
      const blind = gateway();
      blind.adapters.start();
      expect(one.adapters.resolve(question).name).toBe("all-commit-v1");
      const choice = blind.adapters.resolve(question);
      expect(choice.fallbackReason).toBe("registry");
      const served = await blind.adapters.run("til", choice, async (adapter) => adapter ?? "the base model");
      expect(served).toEqual({ value: "the base model", adapter: null, version: null, fallbackReason: "registry" });
      await expect(one.promotion.activate("all-commit-v1", "ops")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    } finally {
      for (const started of running.splice(0)) await started.stop();
      await own.close();
    }
  });
});
