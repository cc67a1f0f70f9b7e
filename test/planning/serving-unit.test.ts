import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { PORTS } from "../../app/src/contract/endpoints";
import { TASK_NAMES, tableOf } from "../../app/src/contract/tasks";
import { ENV } from "../../app/src/contract/variables";
import type { EnginePlacement } from "../../planning/engine-placement";
import { imageUri } from "../../planning/images";
import { type ServingUnit, type ServingUnitProps, servingUnit } from "../../planning/serving-unit";

const image = { repository: "registry.example/app", digest: `sha256:${"a".repeat(64)}` };
const gemma: EnginePlacement = {
  model: "gemma3-12b-it-gptq",
  gpu: 0,
  memoryShare: 0.9,
  maxModelLen: 4096,
  maxNumSeqs: 24,
  maxLoras: 4,
};
const mistral: EnginePlacement = { ...gemma, model: "mistral-7b-instruct-gptq", gpu: 1, maxLoras: 0, maxNumSeqs: 12 };
const props: ServingUnitProps = {
  appPort: 9000,
  images: { app: image, engine: image, dcgmExporter: image, nodeExporter: image },
  modelSource: { kind: "gcs", bucket: "weights" },
  engines: [gemma, mistral],
  tasks: {
    ...tableOf(TASK_NAMES, () => "gemma3-12b-it-gptq" as const),
    interview: "mistral-7b-instruct-gptq",
  },
  grace: { preStopSeconds: 15, gatewayDrainSeconds: 240, engineShutdownSeconds: 30 },
  reportLoad: false,
};

function flag(args: readonly string[], name: string): string | undefined {
  return args[args.indexOf(name) + 1];
}

describe("servingUnit", () => {
  const unit = servingUnit(props);

  it("gives the gateway its port, its table of models and its grace times", () => {
    const { env, port, stopTimeoutSeconds } = unit.gateway;
    expect(port).toBe(9000);
    expect(env[ENV.port]).toBe("9000");
    expect(env[ENV.host]).toBe("0.0.0.0");
    expect(env[ENV.preStopMs]).toBe("15000");
    expect(env[ENV.drainTimeoutMs]).toBe("240000");
    expect(stopTimeoutSeconds).toBe(255);
    const table: unknown = JSON.parse(env[ENV.modelTable] ?? "");
    expect(table).toMatchObject({
      til: { baseUrl: `http://127.0.0.1:${PORTS.engineBase}/v1`, model: "gemma3-12b-it-gptq", concurrency: 24 },
      interview: { baseUrl: `http://127.0.0.1:${PORTS.engineBase + 1}/v1`, concurrency: 12 },
    });
  });

  it("gives each engine a port of its own, on loopback, with the flags of its placement", () => {
    expect(unit.engines.map((engine) => engine.port)).toEqual([PORTS.engineBase, PORTS.engineBase + 1]);
    for (const [index, placement] of props.engines.entries()) {
      const args = unit.engines[index]?.args ?? [];
      expect(flag(args, "--host")).toBe("127.0.0.1");
      expect(flag(args, "--port")).toBe(String(PORTS.engineBase + index));
      expect(flag(args, "--max-num-seqs")).toBe(String(placement.maxNumSeqs));
      expect(flag(args, "--gpu-memory-utilization")).toBe("0.90");
      expect(flag(args, "--shutdown-timeout")).toBe("30");
    }
  });

  it("turns LoRA on where adapters are placed, and only there", () => {
    const [first, second] = unit.engines;
    expect(first?.args).toEqual(expect.arrayContaining(["--enable-lora", "--max-loras", "4"]));
    expect(first?.env).toHaveProperty("VLLM_ALLOW_RUNTIME_LORA_UPDATING", "1");
    expect(second?.args).not.toContain("--enable-lora");
    expect(second?.env).not.toHaveProperty("VLLM_ALLOW_RUNTIME_LORA_UPDATING");
  });

  it("never repeats a port", () => {
    const ports = [unit.gateway, ...unit.engines, ...unit.exporters].map((container) => container.port);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it("reports load from the GPU exporter's port, where reportLoad is set", () => {
    expect(unit.gateway.env).not.toHaveProperty(ENV.gpuMetricsUrl);
    const reporting = servingUnit({ ...props, reportLoad: true });
    expect(reporting.gateway.env[ENV.gpuMetricsUrl]).toBe(`http://127.0.0.1:${PORTS.dcgmExporter}/metrics`);
  });

  it("throws for a task whose model is placed nowhere", () => {
    expect(() => servingUnit({ ...props, engines: [gemma] })).toThrow(/interview needs mistral/);
  });

  it("names an image by digest, and by tag only where there is none", () => {
    expect(imageUri(image)).toBe(`registry.example/app@${image.digest}`);
    expect(imageUri({ repository: "app", tag: "v1" })).toBe("app:v1");
    expect(imageUri({ repository: "app" })).toBe("app:latest");
  });
});

describe("servingUnit, topology", () => {
  const machine = servingUnit(props);
  const baseUrl = (unit: ServingUnit, task: string) => {
    const table: unknown = JSON.parse(unit.gateway.env[ENV.modelTable] ?? "");
    return z.record(z.string(), z.object({ baseUrl: z.string() })).parse(table)[task]?.baseUrl;
  };
  /** The unit as JSON, with the addresses of engines taken out. */
  const withoutAddresses = (unit: ServingUnit) =>
    JSON.stringify(unit)
      .replaceAll(/(?<=http:\/\/)[\w.-]+(?=:)|(?<="--host",")[\d.]+/g, "ADDRESS")
      .replaceAll(String.raw`,\"discovery\":\"dns\"`, "");

  it("defaults to machine", () => {
    expect(servingUnit({ ...props, topology: "machine" })).toEqual(machine);
  });

  it("pods: calls engines by name, which listen on every address", () => {
    const unit = servingUnit({ ...props, topology: "pods" });
    expect(baseUrl(unit, "interview")).toBe(`http://engine-1:${PORTS.engineBase + 1}/v1`);
    for (const engine of unit.engines) expect(flag(engine.args, "--host")).toBe("0.0.0.0");
  });

  it("shared-pod: calls engines on loopback, which listen on every address", () => {
    const unit = servingUnit({ ...props, topology: "shared-pod" });
    expect(baseUrl(unit, "til")).toBe(`http://127.0.0.1:${PORTS.engineBase}/v1`);
    for (const engine of unit.engines) expect(flag(engine.args, "--host")).toBe("0.0.0.0");
  });

  it.each(["pods", "shared-pod"] as const)("%s differs from a machine in addresses alone", (topology) => {
    const unit = servingUnit({ ...props, topology });
    expect(unit).not.toEqual(machine);
    expect(withoutAddresses(unit)).toBe(withoutAddresses(machine));
  });
});
