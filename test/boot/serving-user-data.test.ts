import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { servingUserData } from "../../constructs/compute/boot/serving-user-data";
import { imageUri } from "../../planning/images";
import type { ServingUnit, UnitContainer } from "../../planning/serving-unit";
import { allRequired, type BootContent, named, parseCommand, parseUserData, service, startsAfter } from "./unit-file";
import { anyUnit, unitOf } from "./units-of";

const GPU_COUNT = 4;

function render(unit: ServingUnit, gpuCount = GPU_COUNT): BootContent {
  return parseUserData(servingUserData({ unit, gpuCount, driverVersion: "R580" }));
}

function containersOf(unit: ServingUnit): readonly UnitContainer[] {
  return [unit.gateway, ...unit.engines, ...unit.exporters];
}

/** `docker run`: options before the image, what the container gets after it. */
function dockerRun(content: BootContent, container: UnitContainer) {
  const words = parseCommand(service(content.units[`terrace-${container.name}.service`], "ExecStart"));
  const at = words.indexOf(imageUri(container.image));
  if (at < 0) throw new Error(`${container.name} does not run ${imageUri(container.image)}`);
  return { options: words.slice(2, at), args: words.slice(at + 1) };
}

function devices(options: readonly string[]): string[] {
  return options.filter((option) => /^--device=\/dev\/nvidia\d+$/.test(option));
}

/** A file of `docker run --env-file`. */
function environmentOf(content: BootContent, container: UnitContainer): Record<string, string> {
  const option = dockerRun(content, container).options.find((word) => word.startsWith("--env-file="));
  const lines = content.files[option?.slice("--env-file=".length) ?? ""]?.split("\n").slice(0, -1) ?? [];
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

function variable(content: BootContent, name: string): string | undefined {
  return new RegExp(`^${name}="(.*)"$`, "m").exec(content.files["/etc/terrace/boot.env"] ?? "")?.[1];
}

/** Throws where the machine would not run exactly the unit's containers. */
function expectAgreement(content: BootContent, unit: ServingUnit): void {
  for (const container of containersOf(unit)) {
    const name = `terrace-${container.name}`;
    const stop = parseCommand(service(content.units[`${name}.service`], "ExecStop"));
    expect(dockerRun(content, container).args).toEqual(container.args);
    expect(environmentOf(content, container)).toEqual(container.env);
    expect(stop).toEqual(["/usr/bin/docker", "stop", "-t", String(container.stopTimeoutSeconds), name]);
    const patience = Number(service(content.units[`${name}.service`], "TimeoutStopSec"));
    expect(patience).toBeGreaterThan(container.stopTimeoutSeconds);
  }
  for (const engine of unit.engines) {
    const { options } = dockerRun(content, engine);
    expect(devices(options)).toEqual([`--device=/dev/nvidia${engine.gpu}`]);
    const mount = `--volume=/var/lib/terrace/models/${engine.model}:/models/${engine.model}:ro`;
    expect(options).toContain(mount);
    const adapters = "--volume=/var/lib/terrace/adapters:/models/adapters:ro";
    expect(options.includes(adapters)).toBe(engine.loadsAdapters);
  }
  const open = [unit.gateway, ...unit.exporters].map(({ port }) => port);
  expect(variable(content, "OPEN_PORTS")).toBe(open.join(" "));
  expect(variable(content, "ENGINE_PORTS")).toBe(unit.engines.map(({ port }) => port).join(" "));
  expect(variable(content, "MODELS")).toBe(unit.models.join(" "));
  expect(variable(content, "ADAPTERS_BUCKET")).toBe(unit.adapterBucket);
  expect(variable(content, "AUTHORITIES_BUCKET")).toBe(unit.authoritiesBucket);
  const weightsImage = unit.modelSource.kind === "image" ? imageUri(unit.gateway.image) : undefined;
  expect(variable(content, "WEIGHTS_IMAGE")).toBe(weightsImage);
}

describe("servingUserData", () => {
  it("runs the unit's containers with its arguments, environment, ports, GPUs and grace times", () => {
    fc.assert(
      fc.property(anyUnit, (unit) => expectAgreement(render(unit), unit)),
      { numRuns: 60 },
    );
  });

  const production = unitOf("production");
  const [first, ...others] = production.engines;
  if (first === undefined) throw new Error("production places no engine");
  it.each<[string, ServingUnit]>([
    ["a flag", { ...production, engines: [{ ...first, args: [...first.args, "--planted"] }, ...others] }],
    ["a variable", { ...production, gateway: { ...production.gateway, env: { PLANTED: "1" } } }],
    ["a port", { ...production, gateway: { ...production.gateway, port: 9999 } }],
    ["a GPU", { ...production, engines: [{ ...first, gpu: 3 }, ...others] }],
    ["a grace time", { ...production, gateway: { ...production.gateway, stopTimeoutSeconds: 1 } }],
    ["a model", { ...production, models: [] }],
    ["a bucket of adapters", { ...production, adapterBucket: "planted" }],
    ["an engine's adapters", { ...production, engines: [{ ...first, loadsAdapters: false }, ...others] }],
    ["a bucket of authorities", { ...production, authoritiesBucket: undefined }],
  ])("does not agree with a unit that differs in %s", (_, planted) => {
    expect(() => expectAgreement(render(production), planted)).toThrow();
  });

  it.each(["demo", "production", "image-models"])("is deterministic for %s", (environment) => {
    const render = () => servingUserData({ unit: unitOf(environment), gpuCount: 2, driverVersion: "R580" });
    expect(render()).toBe(render());
  });

  it("throws for a GPU that the machine does not have", () => {
    expect(() => render(production, 1)).toThrow("engine-1 uses GPU 1, the machine has 1, counted from 0");
  });

  it("gives the GPU exporter every GPU", () => {
    const exporter = production.exporters.find(({ name }) => name === "dcgm-exporter") ?? production.gateway;
    expect(devices(dockerRun(render(production, 2), exporter).options)).toEqual([
      "--device=/dev/nvidia0",
      "--device=/dev/nvidia1",
    ]);
  });
});

describe("systemd units of a serving VM", () => {
  const unit = unitOf("production");
  const content = render(unit);
  const gateway = "terrace-gateway.service";

  it("stop the gateway before any engine, so that it drains while they answer", () => {
    for (const { name } of unit.engines) {
      expect(startsAfter(content, gateway, `terrace-${name}.service`)).toBe(true);
      expect(startsAfter(content, `terrace-${name}.service`, gateway)).toBe(false);
    }
  });

  it("keep network and docker until every container has stopped", () => {
    for (const { name } of containersOf(unit)) {
      for (const needed of ["docker.service", "network-online.target"]) {
        expect(startsAfter(content, `terrace-${name}.service`, needed)).toBe(true);
      }
    }
  });

  it.each(["terrace-driver.service", "terrace-models.service"])(
    "start neither gateway nor engine without %s",
    (need) => {
      for (const { name } of [unit.gateway, ...unit.engines]) {
        expect(allRequired(content, `terrace-${name}.service`)).toContain(need);
        expect(startsAfter(content, `terrace-${name}.service`, need)).toBe(true);
      }
    },
  );

  it("start the gateway after the migration, and that after the stores' certificates", () => {
    for (const need of ["terrace-authorities.service", "terrace-migration.service"]) {
      expect(allRequired(content, gateway)).toContain(need);
      expect(startsAfter(content, gateway, need)).toBe(true);
    }
    expect(startsAfter(content, "terrace-migration.service", "terrace-authorities.service")).toBe(true);
    expect(dockerRun(content, unit.gateway).options).toContain(
      "--volume=/var/lib/terrace/authorities:/etc/terrace/authorities:ro",
    );
    const alone = render(unitOf("demo"));
    expect(Object.keys(alone.units)).not.toContain("terrace-migration.service");
    expect(Object.keys(alone.files)).not.toContain("/etc/terrace/boot/authorities.sh");
  });

  it("start engines after the adapters are fetched, or where that failed", () => {
    expect(startsAfter(content, "terrace-engine-0.service", "terrace-adapters.service")).toBe(true);
    expect(allRequired(content, "terrace-engine-0.service")).not.toContain("terrace-adapters.service");
    expect(startsAfter(content, "terrace-engine-1.service", "terrace-adapters.service")).toBe(false);
  });

  it("keep the gateway up when an engine crashes", () => {
    const engines = unit.engines.map(({ name }) => `terrace-${name}.service`);
    for (const engine of engines) expect(allRequired(content, gateway)).not.toContain(engine);
  });

  it("copy weights out of the app's image where the settings say so, after its registry's credentials", () => {
    const fat = render(unitOf("image-models"));
    expect(service(fat.units["terrace-models.service"], "ExecStart")).toContain("models-from-image.sh");
    expect(allRequired(fat, "terrace-models.service")).toContain("terrace-registry.service");
    expect(allRequired(fat, gateway)).toContain("terrace-models.service");
    expect(Object.keys(fat.files)).not.toContain("/etc/terrace/boot/models.sh");
  });

  it("pull in every unit and name none that does not exist", () => {
    const units = Object.keys(content.units).filter((name) => name !== "terrace.target");
    expect(named(content.units["terrace.target"], "Wants").sort()).toEqual(units.sort());
    for (const [name, file] of Object.entries(content.units)) {
      // Stopping the target drains the machine.
      if (name !== "terrace.target") expect(named(file, "PartOf")).toEqual(["terrace.target"]);
      for (const directive of ["Requires", "Wants", "After"]) {
        const ours = named(file, directive).filter((other) => other.startsWith("terrace-"));
        for (const other of ours)
          expect({ name, directive, other, known: units.includes(other) }).toMatchObject({ known: true });
      }
    }
    expect(content.commands).toEqual([
      ["systemctl", "daemon-reload"],
      ["systemctl", "start", "--no-block", "terrace.target"],
    ]);
  });
});

describe("docker options of the containers", () => {
  const unit = unitOf("production");
  const content = render(unit);

  it("drop every capability that is not listed", () => {
    for (const container of containersOf(unit)) {
      const { options } = dockerRun(content, container);
      expect(options).toEqual(expect.arrayContaining(["--cap-drop=ALL", "--security-opt=no-new-privileges"]));
      expect(options.filter((option) => /^--(?:privileged|gpus|publish)/.test(option))).toEqual([]);
      expect(options.some((option) => option.startsWith("--user="))).toBe(container.user === "non-root");
    }
  });

  it("mount everything read-only for the gateway", () => {
    expect(dockerRun(content, unit.gateway).options).toEqual(expect.arrayContaining(["--read-only", "--tmpfs=/tmp"]));
  });

  it("give no container a writable folder of the machine", () => {
    const volumes = containersOf(unit).flatMap((container) =>
      dockerRun(content, container).options.filter((option) => option.startsWith("--volume=/")),
    );
    expect(volumes.length).toBeGreaterThan(0);
    for (const volume of volumes) expect(volume).toMatch(/:ro(?:,rslave)?$/);
  });

  it("pull a digest once and a tag at each start", () => {
    const [engine] = unit.engines;
    if (engine === undefined) throw new Error("no engine");
    const pull = (image: UnitContainer["image"]) => {
      const changed = { ...engine, image };
      return dockerRun(render({ ...unit, engines: [changed] }), changed).options.find((o) => o.startsWith("--pull="));
    };
    const repository = "asia-northeast3-docker.pkg.dev/p/r/vllm";
    expect(pull({ repository, digest: `sha256:${"a".repeat(64)}` })).toBe("--pull=missing");
    expect(pull({ repository, tag: "v0.33.0" })).toBe("--pull=always");
  });
});
