import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { configMetadata } from "../../constructs/compute/boot/config-files";
import { Sandbox } from "./sandbox";
import { StubGoogle } from "./stub-google";

const RULES = "groups: []\n";

let google: StubGoogle;
let sandbox: Sandbox;

beforeEach(async () => {
  google = new StubGoogle();
  await google.listen();
  sandbox = new Sandbox();
  sandbox.command("docker", 'if [[ $3 == terrace-stopped ]]; then echo "no such container" >&2; exit 1; fi');
  hold({ "prometheus/rules/gpu.yaml": RULES, "grafana/dashboards/llm.json": '{"title":"$${x}"}' });
});

afterEach(async () => {
  sandbox.remove();
  await google.close();
});

/** What the machine's metadata holds. */
function hold(files: Readonly<Record<string, string>>): void {
  google.attributes.clear();
  for (const [key, value] of Object.entries(configMetadata(files, 0))) google.attributes.set(key, value);
}

const environment = () => ({
  METADATA_URL: google.url,
  CONFIG_DIR: sandbox.path("config"),
  CONFIG_READERS: "terrace-prometheus terrace-stopped",
});

const signals = () => sandbox.calls().filter((call) => call.startsWith("docker kill"));

describe("config.sh", () => {
  it("writes what metadata holds, byte for byte, and signals the running containers that read it", async () => {
    const { status, log } = await sandbox.run("config.sh", environment());
    expect(status).toBe(0);
    expect(sandbox.read("config/prometheus/rules/gpu.yaml")).toBe(RULES);
    expect(sandbox.read("config/grafana/dashboards/llm.json")).toBe('{"title":"$${x}"}');
    expect(log).toContain("terrace-prometheus reads its configuration again");
    expect(log).not.toContain("terrace-stopped reads");
    expect(signals()).toEqual([
      "docker kill --signal=HUP terrace-prometheus",
      "docker kill --signal=HUP terrace-stopped",
    ]);
  });

  it("signals no container where nothing changed", async () => {
    await sandbox.run("config.sh", environment());
    const before = signals().length;
    expect((await sandbox.run("config.sh", environment())).log).toBe("");
    expect(signals()).toHaveLength(before);
  });

  it("removes what metadata holds no longer", async () => {
    await sandbox.run("config.sh", environment());
    hold({ "prometheus/rules/gpu.yaml": RULES });
    expect((await sandbox.run("config.sh", environment())).log).toContain("removed grafana/dashboards/llm.json");
    expect(sandbox.exists("config/grafana/dashboards/llm.json")).toBe(false);
    expect(sandbox.exists("config/prometheus/rules/gpu.yaml")).toBe(true);
  });

  it("writes nothing outside its folder, whatever the index says", async () => {
    google.attributes.set("config-files", "config-evil ../evil\n");
    google.attributes.set("config-evil", "x");
    const running = sandbox.start("config.sh", environment());
    await running.says("the index has a path that leads elsewhere: ../evil");
    running.kill();
    expect(sandbox.exists("evil")).toBe(false);
  });

  it("leaves what is there while a file cannot be had", async () => {
    await sandbox.run("config.sh", environment());
    google.attributes.delete("config-prometheus-rules-gpu-yaml");
    const running = sandbox.start("config.sh", environment());
    await running.says("writing the configuration failed");
    running.kill();
    expect(sandbox.read("config/prometheus/rules/gpu.yaml")).toBe(RULES);
  });
});

describe("config-watch.sh", () => {
  it("writes a change as soon as metadata has it", async () => {
    const running = sandbox.start("config-watch.sh", environment());
    await running.says("wrote prometheus/rules/gpu.yaml");
    hold({ "prometheus/rules/gpu.yaml": "groups: [] # changed\n" });
    google.changed();
    await running.says("removed grafana/dashboards/llm.json");
    expect(sandbox.read("config/prometheus/rules/gpu.yaml")).toBe("groups: [] # changed\n");
    running.kill();
  });
});
