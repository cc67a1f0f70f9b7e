import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Sandbox } from "./sandbox";
import { ACCOUNT, StubGoogle } from "./stub-google";

let google: StubGoogle;
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = new Sandbox();
  google = new StubGoogle();
  await google.listen();
});

afterEach(async () => {
  sandbox.remove();
  await google.close();
});

describe("driver.sh", () => {
  const nvidiaSmi = (gpus: number) =>
    Array.from({ length: gpus }, (_, n) => `echo "GPU ${n}: NVIDIA L4 (UUID: GPU-${n})"`).join("\n");
  const environment = (gpuCount = 1) => ({
    DRIVER_VERSION: "R580",
    GPU_COUNT: String(gpuCount),
    NVIDIA_DIR: sandbox.path("nvidia"),
    DEVICE_DIR: sandbox.path("dev"),
  });

  beforeEach(() => {
    sandbox.command("cos-extensions");
    sandbox.command("mount");
    sandbox.command("mountpoint", "exit 1");
    sandbox.program("nvidia/bin/nvidia-smi", nvidiaSmi(1));
    for (const device of ["nvidia0", "nvidiactl", "nvidia-uvm"]) sandbox.write(`dev/${device}`, "");
  });

  it("installs the version, remounts the folder executable, and checks the GPU", async () => {
    const { status, log } = await sandbox.run("driver.sh", environment());
    expect({ status, log }).toEqual({ status: 0, log: "driver.sh: NVIDIA driver ready, 1 GPU(s)\n" });
    const nvidia = sandbox.path("nvidia");
    expect(sandbox.calls()).toEqual([
      "cos-extensions install gpu -- -version=R580",
      `mountpoint --quiet ${nvidia}`,
      `mount --bind ${nvidia} ${nvidia}`,
      `mount -o remount,exec ${nvidia}`,
      "nvidia-smi --list-gpus",
    ]);
  });

  it("does not mount the folder over itself twice", async () => {
    sandbox.command("mountpoint");
    expect((await sandbox.run("driver.sh", environment())).status).toBe(0);
    expect(sandbox.calls().filter((call) => call.startsWith("mount "))).toEqual([
      `mount -o remount,exec ${sandbox.path("nvidia")}`,
    ]);
  });

  it("retries a failed installation and logs it", async () => {
    sandbox.command(
      "cos-extensions",
      `[[ -e ${sandbox.path("tried")} ]] || { touch ${sandbox.path("tried")}; exit 1; }`,
    );
    const { status, log } = await sandbox.run("driver.sh", environment());
    expect(status).toBe(0);
    expect(log).toContain("installing NVIDIA driver R580 failed; trying again");
    expect(sandbox.calls().filter((call) => call.startsWith("cos-extensions"))).toHaveLength(2);
  });

  it("does not finish while nvidia-smi fails, and logs its output", async () => {
    sandbox.program("nvidia/bin/nvidia-smi", "echo 'No devices were found'; exit 9");
    const running = sandbox.start("driver.sh", environment());
    await running.says("nvidia-smi: No devices were found");
    await running.says("trying again");
    sandbox.program("nvidia/bin/nvidia-smi", nvidiaSmi(1));
    expect((await running.finished).status).toBe(0);
  });

  it("does not finish with fewer GPUs than the machine type has", async () => {
    const running = sandbox.start("driver.sh", environment(2));
    await running.says("the machine type has 2 GPUs, nvidia-smi lists 1");
  });

  it("does not finish without the device files that containers are given", async () => {
    sandbox.write("dev/nvidiactl", "");
    const running = sandbox.start("driver.sh", { ...environment(), DEVICE_DIR: sandbox.path("nowhere") });
    await running.says(`${sandbox.path("nowhere")}/nvidiactl is missing`);
  });
});

describe("ports.sh", () => {
  it("opens each port once, however often it runs", async () => {
    const rules = sandbox.path("rules");
    sandbox.command(
      "iptables",
      `case $2 in --check) grep -qxF -- "\${*:3}" ${rules} ;; --append) echo "\${*:3}" >>${rules} ;; esac`,
    );
    for (const _ of ["boot", "restart of the unit"]) {
      expect((await sandbox.run("ports.sh", { OPEN_PORTS: "8001 9400" })).status).toBe(0);
    }
    expect(sandbox.read("rules")).toBe(
      "INPUT --protocol tcp --dport 8001 --jump ACCEPT\nINPUT --protocol tcp --dport 9400 --jump ACCEPT\n",
    );
  });

  it("fails where the rule cannot be added", async () => {
    sandbox.command("iptables", "exit 4");
    expect((await sandbox.run("ports.sh", { OPEN_PORTS: "8001" })).status).toBe(4);
  });
});

describe("data-disk.sh", () => {
  const environment = () => ({
    DATA_DIRECTORIES: `qdrant:${userInfo().uid}`,
    DATA_DEVICE: sandbox.path("disk"),
    DATA_MOUNT: sandbox.path("mnt"),
  });

  beforeEach(() => {
    sandbox.write("disk", "");
    for (const name of ["mount", "mkfs.ext4", "e2fsck", "resize2fs", "blkid"]) sandbox.command(name);
    sandbox.command("mountpoint", "exit 1");
  });

  it("formats a blank disk, checks it, mounts it, and makes the folders", async () => {
    sandbox.command("blkid", "exit 2");
    const { status, log } = await sandbox.run("data-disk.sh", environment());
    expect({ status, log }).toEqual({ status: 0, log: expect.stringContaining("is blank: formatting it") });
    const disk = sandbox.path("disk");
    expect(sandbox.calls().slice(1)).toEqual([
      `blkid --probe ${disk}`,
      `mkfs.ext4 -q -m 0 ${disk}`,
      `e2fsck -p ${disk}`,
      `mount -o nosuid,nodev,noexec ${disk} ${sandbox.path("mnt")}`,
      `resize2fs ${disk}`,
    ]);
    expect(statSync(sandbox.path("mnt/qdrant")).isDirectory()).toBe(true);
  });

  it("never formats a disk that holds something", async () => {
    expect((await sandbox.run("data-disk.sh", environment())).status).toBe(0);
    expect(sandbox.calls().filter((call) => call.startsWith("mkfs"))).toEqual([]);
  });

  it("formats nothing where it cannot read the disk", async () => {
    sandbox.command("blkid", "exit 8");
    const running = sandbox.start("data-disk.sh", environment());
    await running.says("formatting nothing");
    running.kill();
    await running.finished;
    expect(sandbox.calls().filter((call) => /^mkfs|^mount /.test(call))).toEqual([]);
  });

  it("mounts a file system that was repaired, not one that could not be", async () => {
    sandbox.command("e2fsck", "exit 4");
    const running = sandbox.start("data-disk.sh", environment());
    await running.says("cannot repair");
    expect(sandbox.calls().filter((call) => call.startsWith("mount "))).toEqual([]);
    sandbox.command("e2fsck", "exit 1");
    expect((await running.finished).status).toBe(0);
  });

  it("waits for the disk", async () => {
    const running = sandbox.start("data-disk.sh", { ...environment(), DATA_DEVICE: sandbox.path("late") });
    await running.says("late is not attached");
    sandbox.write("late", "");
    expect((await running.finished).status).toBe(0);
  });
});

describe("secrets.sh", () => {
  const NAME = "terrace-test-grafana-admin";
  const environment = () => ({
    METADATA_URL: google.url,
    SECRETS_URL: google.url,
    SECRETS_DIR: sandbox.path("secrets"),
    PROJECT: "terrace-test",
    SECRETS: `grafana-admin:${userInfo().uid}:${NAME}`,
  });

  it("writes the value for one user, and leaves it out of the log", async () => {
    google.secrets.set(NAME, "correct horse\nbattery");
    const { status, log } = await sandbox.run("secrets.sh", environment());
    expect({ status, log }).toEqual({ status: 0, log: "secrets.sh: secrets are in place\n" });
    expect(sandbox.read("secrets/grafana-admin")).toBe("correct horse\nbattery");
    expect(statSync(sandbox.path("secrets/grafana-admin")).mode & 0o777).toBe(0o400);
  });

  it("waits for a first version and logs the command that adds one", async () => {
    const running = sandbox.start("secrets.sh", environment());
    await running.says(`secret ${NAME} has no version: gcloud secrets versions add ${NAME} --project=terrace-test`);
    expect(sandbox.exists("secrets/grafana-admin")).toBe(false);
    google.secrets.set(NAME, "now");
    expect((await running.finished).status).toBe(0);
    expect(sandbox.read("secrets/grafana-admin")).toBe("now");
  });

  it("logs which account lacks which role", async () => {
    google.refuseWith = 403;
    const running = sandbox.start("secrets.sh", environment());
    await running.says(`HTTP 403: ${ACCOUNT} needs roles/secretmanager.secretAccessor on secret ${NAME}`);
  });

  it("rejects an empty value", async () => {
    google.secrets.set(NAME, "");
    const running = sandbox.start("secrets.sh", environment());
    await running.says("is empty");
    expect(sandbox.exists("secrets/grafana-admin")).toBe(false);
  });
});

describe("engine-metrics.sh", () => {
  const environment = () => ({
    ENGINE_PORTS: String(google.port),
    METRICS_DIR: sandbox.path("metrics"),
    ONCE: "true",
  });
  const file = () => `metrics/engine-${google.port}.prom`;

  it("keeps vLLM's metric families and drops the process's", async () => {
    google.metrics = [
      "# HELP vllm:num_requests_running Requests in a batch.",
      "# TYPE vllm:num_requests_running gauge",
      'vllm:num_requests_running{engine="0",model_name="m"} 3',
      "# TYPE process_cpu_seconds_total counter",
      "process_cpu_seconds_total 5",
      "",
    ].join("\n");
    expect((await sandbox.run("engine-metrics.sh", environment())).status).toBe(0);
    expect(sandbox.read(file())).toBe(`${google.metrics.split("\n").slice(0, 3).join("\n")}\n`);
  });

  it("removes the metrics of an engine that stopped answering", async () => {
    google.metrics = "vllm:num_requests_running 3\n";
    await sandbox.run("engine-metrics.sh", environment());
    expect(sandbox.exists(file())).toBe(true);
    google.metrics = undefined;
    expect((await sandbox.run("engine-metrics.sh", environment())).status).toBe(0);
    expect(sandbox.exists(file())).toBe(false);
  });
});
