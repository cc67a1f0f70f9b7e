/** `npm run ops` against a simulated gcloud whose states change: for some as a program on the PATH, as operators have it. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Settings } from "../../../settings/schema/settings";
import { ops } from "../../../tools/ops/command";
import { type Gcloud, gcloud } from "../../../tools/ops/gcloud";
import { settingsOf } from "../../support/environments";
import { SimulatedGcloud, type SimulatedMachine } from "./simulated-gcloud";

const { PATH } = process.env;
let folder = "";
let google: SimulatedGcloud;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ops-"));
  google = new SimulatedGcloud(["llm-vm-1", "llm-vm-2"]);
  await google.install(join(folder, "bin"));
  process.env.PATH = `${join(folder, "bin")}${delimiter}${PATH}`;
});

afterEach(async () => {
  process.env.PATH = PATH;
  await google.close();
  rmSync(folder, { recursive: true, force: true });
});

function machines(changes: Readonly<Record<string, Partial<SimulatedMachine>>>): void {
  for (const [name, change] of Object.entries(changes)) google.change(name, change);
}

const stateOf = (name: string) => google.machine(name);
const changes = () => google.changes();

const simulator: Gcloud = async (args) => google.answer([...args]);

/** Memory of an operation that was broken off. */
function remember(text: string): void {
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "out", "production-rolling-restart.json"), text);
}

const production = settingsOf("production");

/** A spot machine and one that is not. */
const withSpot: Settings = {
  ...production,
  groups: production.groups.map((group, index) =>
    index === 0
      ? { ...group, instances: { kind: "unmanaged", vms: [{ name: "llm-vm-1", provisioning: "spot" }] } }
      : group,
  ),
};

/** @param run calls the simulator itself, or the program on the PATH, which takes longer */
async function run(args: string, settings = production, run: Gcloud = simulator): Promise<string> {
  const said: string[] = [];
  let sleeps = 0;
  await ops(args.split(" "), {
    environments: () => [settings, settingsOf("demo")],
    run,
    say: (line) => said.push(line),
    sleep: async () => {
      sleeps += 1;
      if (sleeps > 60) throw new Error("it waits for ever");
    },
    folder: join(folder, "out"),
    now: () => new Date("2026-11-21T02:00:00Z"),
  });
  return said.join("\n");
}

describe("ops status", () => {
  it("prints every machine and whether it is in traffic", async () => {
    machines({ "llm-vm-2": { status: "TERMINATED" } });
    const table = await run("status");
    expect(table).toMatch(/llm-vm-1 +ai-1 +asia-northeast3-a +standard +RUNNING +4 of 4/);
    expect(table).toMatch(/llm-vm-2 +ai-2 +asia-northeast3-b +standard +TERMINATED +0 of 4/);
    expect(changes()).toEqual([]);
  });
});

describe("ops drain", () => {
  it("prints its commands and runs none without --apply", async () => {
    const said = await run("drain llm-vm-1");
    expect(said).toContain(
      "would run: gcloud compute ssh llm-vm-1 --zone=asia-northeast3-a --project=terrace-production --tunnel-through-iap --quiet '--command=sudo systemctl stop --no-block terrace.target'",
    );
    expect(said).toContain("llm-vm-1 then is drained");
    expect(said).toContain("nothing was changed: add --apply");
    expect(changes()).toEqual([]);
    expect(stateOf("llm-vm-1").gateway).toBe("active");
  });

  it("stops the unit once, then waits for answers in flight and for the load balancer", async () => {
    const said = await run("drain llm-vm-1 --apply", production, gcloud);
    expect(changes()).toEqual(["llm-vm-1: sudo systemctl stop --no-block terrace.target"]);
    expect(said).toContain("waiting until its answers are finished, 2 in flight");
    expect(said).toContain("waiting until its answers are finished, 1 in flight");
    expect(said).toMatch(/llm-vm-1 is drained: no traffic and nothing in flight.*$/);
    expect(stateOf("llm-vm-1").gateway).toBe("inactive");
  });

  it("changes nothing when it is repeated or the machine is off", async () => {
    machines({ "llm-vm-1": { gateway: "inactive" } });
    expect(await run("drain llm-vm-1 --apply")).toContain("is drained");
    machines({ "llm-vm-1": { status: "TERMINATED" } });
    expect(await run("drain llm-vm-1 --apply")).toContain("is off: nothing to drain");
    expect(changes()).toEqual([]);
  });

  it("refuses the last healthy machine, in a dry run too, without --even-the-last", async () => {
    machines({ "llm-vm-2": { gateway: "inactive" } });
    for (const args of ["drain llm-vm-1", "drain llm-vm-1 --apply", "restart llm-vm-1 --apply"]) {
      await expect(run(args)).rejects.toThrow(
        /left as it is: (it is the last healthy machine of|llm-vm-2 is not healthy)/,
      );
    }
    expect(changes()).toEqual([]);
    await run("drain llm-vm-1 --apply --even-the-last");
    expect(changes()).toHaveLength(1);
  });
});

describe("ops undrain", () => {
  it("starts the unit, or the machine, and waits until it is in traffic", async () => {
    machines({ "llm-vm-1": { gateway: "inactive" } });
    expect(await run("undrain llm-vm-1 --apply")).toContain("llm-vm-1 is in traffic");
    expect(changes()).toEqual(["llm-vm-1: sudo systemctl start --no-block terrace.target"]);
    machines({ "llm-vm-2": { status: "TERMINATED", gateway: "inactive" } });
    expect(await run("undrain llm-vm-2 --apply")).toContain("llm-vm-2 is in traffic");
    expect(changes()).toContain("llm-vm-2: start");
  });
});

describe("ops restart", () => {
  it("drains, boots anew and waits until it is in traffic", async () => {
    expect(await run("restart llm-vm-1 --apply")).toContain("llm-vm-1 is in traffic");
    expect(changes()).toEqual([
      "llm-vm-1: sudo systemctl stop --no-block terrace.target",
      "llm-vm-1: sudo systemctl reboot",
    ]);
    expect(stateOf("llm-vm-1")).toMatchObject({ boot: 2, gateway: "active" });
    expect(existsSync(join(folder, "out", "production-restart-llm-vm-1.json"))).toBe(false);
  });

  it("prints every step in a dry run and writes no progress file", async () => {
    const said = await run("restart llm-vm-1");
    const lines = said.split("\n").filter((line) => line.startsWith("would run"));
    expect(lines.map((line) => /systemctl (?:stop|reboot)/.exec(line)?.[0])).toEqual([
      "systemctl stop",
      "systemctl reboot",
    ]);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });
});

describe("ops rolling-restart", () => {
  it("restarts one machine after another", async () => {
    await run("rolling-restart --apply");
    expect(changes()).toEqual(
      ["llm-vm-1", "llm-vm-2"].flatMap((name) => [
        `${name}: sudo systemctl stop --no-block terrace.target`,
        `${name}: sudo systemctl reboot`,
      ]),
    );
    expect([stateOf("llm-vm-1").boot, stateOf("llm-vm-2").boot]).toEqual([2, 2]);
  });

  it("continues an interrupted restart and boots no machine twice", async () => {
    // The first is through, the second was rebooted when the operator's laptop was closed.
    const boots = { "llm-vm-1": "boot-1", "llm-vm-2": "boot-1" };
    remember(JSON.stringify({ begun: "2026-11-20T02:00:00Z", boots, done: ["llm-vm-1"] }));
    machines({ "llm-vm-1": { boot: 2 }, "llm-vm-2": { boot: 2, warm: 2 } });
    const said = await run("rolling-restart --apply");
    expect(said).toContain("going on with what began at 2026-11-20T02:00:00Z");
    expect(said).toContain("llm-vm-1 was restarted already");
    expect(said).toContain("llm-vm-2 is in traffic");
    expect(changes()).toEqual([]);
    expect(existsSync(join(folder, "out", "production-rolling-restart.json"))).toBe(false);
  });

  it("stops at the timeout of a machine that does not come back, and touches no other", async () => {
    machines({ "llm-vm-1": { warmUp: 1000 } });
    await expect(run("rolling-restart --apply --timeout-minutes 1")).rejects.toThrow(
      /llm-vm-1: waited 1 minutes until .* finds it healthy. Repeat the command/,
    );
    expect(changes().some((change) => change.startsWith("llm-vm-2"))).toBe(false);
  });

  it("starts with no machine while another is out of traffic", async () => {
    machines({ "llm-vm-2": { gateway: "inactive" } });
    await expect(run("rolling-restart --apply")).rejects.toThrow("llm-vm-2 is not healthy");
    expect(changes()).toEqual([]);
  });
});

describe("ops preempt-rehearsal", () => {
  it("reclaims a Spot machine, waits, starts it again, and prints where the report is", async () => {
    const said = await run("preempt-rehearsal llm-vm-1 --apply", withSpot);
    expect(changes()).toEqual(["llm-vm-1: simulate-maintenance-event", "llm-vm-1: start"]);
    expect(said).toMatch(/was off after about \d+ s/);
    expect(said).toContain("gcloud logging read");
    expect(said).toContain("llm-vm-1 is in traffic");
  });

  it("refuses a machine that Google never reclaims, and the last one", async () => {
    await expect(run("preempt-rehearsal llm-vm-1 --apply")).rejects.toThrow("is not Spot");
    machines({ "llm-vm-2": { gateway: "inactive" } });
    await expect(run("preempt-rehearsal llm-vm-1 --apply", withSpot)).rejects.toThrow("no other machine of");
    expect(changes()).toEqual([]);
  });
});

describe("ops backup", () => {
  it("starts the scheduled job and waits until it ends", async () => {
    expect(await run("backup --apply")).toContain("successfully completed");
    expect(await run("restore-test")).toContain(
      "would run: gcloud run jobs execute terrace-production-restore-test --region=asia-northeast3 --project=terrace-production --wait",
    );
    expect(changes()).toEqual(["terrace-production-backup: execute"]);
  });

  it("refuses where there is nothing to back up, or the cluster does it", async () => {
    await expect(run("backup --environment demo")).rejects.toThrow("demo has no shared stores");
    const { kubernetes } = production;
    const clustered: Settings = { ...production, kubernetes: kubernetes && { ...kubernetes, vectorStore: "cluster" } };
    await expect(run("backup", clustered)).rejects.toThrow("--from=cronjob/backup");
  });
});

describe("ops, with wrong arguments or tools", () => {
  it.each([
    ["drain", "drain needs a machine"],
    ["drain llm-vm-9", "production has no machine llm-vm-9; it has llm-vm-1, llm-vm-2"],
    ["status llm-vm-1", "status takes no llm-vm-1"],
    ["destroy llm-vm-1", "ops cannot destroy"],
    ["status --environment staging", "no environment staging; there are production, demo"],
    ["rolling-restart --group ai-9", "no group ai-9; there are ai-1, ai-2"],
    ["drain llm-vm-1 --timeout-minutes soon", "--timeout-minutes soon"],
    ["drain llm-vm-1 --force", "Unknown option '--force'"],
  ])("rejects %s in one line", async (args, line) => {
    await expect(run(args)).rejects.toThrow(line);
    expect(changes()).toEqual([]);
  });

  it("names the command that restarts a machine of a managed group", async () => {
    const managed: Settings = {
      ...production,
      groups: production.groups.map((group) => ({
        ...group,
        instances: { kind: "managed", minInstances: 1, maxInstances: 2, provisioning: "standard" },
      })),
    };
    await expect(run("restart ai-1-x7f2", managed)).rejects.toThrow("rolling-action restart ai-1-managed");
  });

  it("prints gcloud's error line, and names gcloud where it is missing", async () => {
    google.broken.set("instances list", "Required 'compute.instances.list' permission");
    await expect(run("status", production, gcloud)).rejects.toThrow("Required 'compute.instances.list' permission");
    process.env.PATH = join(folder, "nowhere");
    await expect(run("status", production, gcloud)).rejects.toThrow("gcloud was not found on the PATH");
  });

  it("rejects a progress file that cannot be read", async () => {
    remember("{");
    await expect(run("rolling-restart --apply")).rejects.toThrow("remove it to begin anew");
    expect(changes()).toEqual([]);
  });
});
