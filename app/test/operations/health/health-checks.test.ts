import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { cgroupMemory } from "../../../src/operations/health/cgroup-memory";
import { type HealthCheck, HealthMonitor, selectedChecks } from "../../../src/operations/health/health-check";
import { checkMemory } from "../../../src/operations/health/machine-checks";
import { Readiness } from "../../../src/operations/health/readiness";
import { allowsTraffic, type WarmUp, type WarmUpNeed, type WarmUpState } from "../../../src/operations/health/warm-up";

const MIB = 1024 * 1024;

const passing = (name: HealthCheck["name"]): HealthCheck => ({ name, check: async () => ({ ok: true, reason: "" }) });

describe("HealthMonitor", () => {
  it("fails a check at its timeout, aborts it, and waits for nothing else", async () => {
    let told = false;
    const deaf: HealthCheck = {
      name: "redis",
      check: (signal) =>
        new Promise(() => {
          signal.addEventListener("abort", () => {
            told = true;
          });
        }),
    };
    const results = await new HealthMonitor([deaf, passing("disk")], { timeoutMs: 20 }).results();
    expect(results.get("redis")).toEqual({ ok: false, reason: "no answer within 20 ms" });
    expect(results.get("disk")?.ok).toBe(true);
    expect(told).toBe(true);
  });

  it("fails a check that throws, now or later, without the error's message", async () => {
    const now: HealthCheck = {
      name: "redis",
      check() {
        throw new Error("redis://user:secret@10.0.0.6");
      },
    };
    const later: HealthCheck = { name: "vectors", check: () => Promise.reject(new Error("SECRET")) };
    const results = await new HealthMonitor([now, later]).results();
    for (const result of results.values()) expect(result).toEqual({ ok: false, reason: "the check failed" });
  });

  it("runs the checks once a second for all callers, also while the first run is unfinished", async () => {
    let asked = 0;
    let now = 0;
    const counted: HealthCheck = {
      name: "redis",
      async check() {
        asked += 1;
        return { ok: true, reason: "" };
      },
    };
    const monitor = new HealthMonitor([counted], { now: () => now });
    await Promise.all([monitor.results(), monitor.results()]);
    now = 999;
    await monitor.results();
    expect(asked).toBe(1);
    now = 1_000;
    await monitor.results();
    expect(asked).toBe(2);
  });

  it("selectedChecks keeps the configured checks that HEALTH_CHECKS names", () => {
    const configured = [passing("engine"), passing("disk"), passing("redis")];
    const names = (selected: Parameters<typeof selectedChecks>[1]) =>
      selectedChecks(configured, selected).map(({ name }) => name);
    expect(names(undefined)).toEqual(["engine", "disk", "redis"]);
    expect(names(["redis", "engine", "gpu"])).toEqual(["engine", "redis"]);
  });
});

describe("checkMemory", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  /** Control groups as files, and the kernel's file on the process's own group. */
  function groups(own: string, files: Readonly<Record<string, string | number>>) {
    const root = mkdtempSync(join(tmpdir(), "terrace-cgroup-"));
    folders.push(root);
    for (const [path, value] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `${value}\n`);
    }
    const self = join(root, "self");
    writeFileSync(self, `0::${own}\n`);
    return { root, self };
  }

  it("does not count a container's file pages, which it can give back", () => {
    const paths = groups("/", {
      "memory.max": 100 * MIB,
      "memory.current": 95 * MIB,
      "memory.stat": `anon ${40 * MIB}\ninactive_file ${50 * MIB}\nactive_file ${5 * MIB}`,
    });
    expect(cgroupMemory(paths)).toEqual({ used: 45 * MIB, limit: 100 * MIB });
    expect(checkMemory(paths)).toEqual({ ok: true, reason: "45 % of memory in use, limit 90 %" });
  });

  it("fails from 90 % on", () => {
    const paths = groups("/", { "memory.max": 100, "memory.current": 90 });
    expect(checkMemory(paths).ok).toBe(false);
  });

  it("uses the tightest group above, as systemd sets them", () => {
    const paths = groups("/terrace.slice/gateway.service", {
      "terrace.slice/gateway.service/memory.max": "max",
      "terrace.slice/gateway.service/memory.current": 50,
      "terrace.slice/memory.max": 100,
      "terrace.slice/memory.current": 80,
    });
    expect(cgroupMemory(paths)).toEqual({ used: 80, limit: 100 });
  });

  it("measures the machine where no group limits memory", () => {
    expect(cgroupMemory(groups("/", { "memory.max": "max", "memory.current": 5 }))).toBeUndefined();
    expect(cgroupMemory({ root: "/nowhere", self: "/nowhere/self" })).toBeUndefined();
    expect(checkMemory({ self: "/nowhere" }).reason).toMatch(/^\d+ % of memory in use, limit 90 %$/);
  });
});

describe("allowsTraffic", () => {
  const state = (need: WarmUpNeed, seen: "never" | "failed" | "ready" | "lost") => ({
    name: need,
    need,
    ready: seen === "ready",
    reached: seen === "ready" || seen === "lost",
    tried: seen !== "never",
    reason: "",
  });

  const CASES: readonly (readonly [name: string, states: readonly WarmUpState[], expected: boolean])[] = [
    ["its own engine", [state("own", "ready")], true],
    ["its own engine, before it is warm", [state("own", "failed")], false],
    ["its own engine, gone", [state("own", "lost")], false],
    ["shared engines, one of them warm", [state("any", "ready"), state("any", "failed")], true],
    ["shared engines, none warm yet", [state("any", "failed"), state("any", "never")], false],
    ["shared engines that all went away: an outage of theirs must not become ours", [state("any", "lost")], true],
    ["what helps, not yet tried", [state("own", "ready"), state("none", "never")], false],
    ["what helps, tried in vain", [state("own", "ready"), state("none", "failed")], true],
    ["what helps alone does not stand for a shared engine", [state("any", "failed"), state("none", "ready")], false],
    ["nothing", [], true],
  ];

  it.each(CASES)("%s", (_case, states, expected) => {
    expect(allowsTraffic(states)).toBe(expected);
  });

  it("fails these cases with a rule that takes all instances out, or lets a cold one in", () => {
    const wrong: readonly ((states: readonly WarmUpState[]) => boolean)[] = [
      (states) => states.every(({ ready }) => ready),
      (states) => states.every(({ need, ready }) => need !== "own" || ready),
      (states) => states.some(({ ready }) => ready),
    ];
    for (const rule of wrong) expect(CASES.some(([, states, expected]) => rule(states) !== expected)).toBe(true);
  });

  it("does not repeat a warm-up that has no probe", async () => {
    let runs = 0;
    const embedding: WarmUp = {
      name: "embeddings",
      need: "own",
      async run() {
        runs += 1;
        if (runs < 3) throw new Error("not yet");
      },
    };
    const progress: boolean[] = [];
    const readiness = await new Promise<Readiness>((resolve) => {
      const made = new Readiness({
        warmUps: [embedding],
        retryMs: 1,
        probeMs: 1,
        onProgress(seen) {
          progress.push(seen.ready);
          if (seen.ready) resolve(made);
        },
      });
      expect(made.ready).toBe(false);
      made.start();
    });
    expect(readiness.ready).toBe(true);
    await readiness.stop();
    expect(runs).toBe(3);
    expect(progress).toEqual([false, true]);
  });
});
