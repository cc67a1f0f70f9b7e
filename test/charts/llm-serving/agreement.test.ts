import { expect, it } from "@jest/globals";
import { servingUserData } from "../../../constructs/compute/boot/serving-user-data";
import { environmentOf } from "../../../environment/environment";
import { unitProps } from "../../../environment/unit-props";
import { imageUri } from "../../../planning/images";
import { HEALTH_CHECK } from "../../../planning/load-balancer-check";
import { podPlacement } from "../../../planning/pod-placement";
import { servingUnit } from "../../../planning/serving-unit";
import { describeWith } from "../../../testing/programs";
import { parseCommand, parseUserData, service } from "../../boot/unit-file";
import { blocksAt, type JsonObject, numberAt, textAt, textsAt } from "../../support/json";
import { CLUSTER_NAMES, clusterSettings } from "./environments";
import { render } from "./helm";
import { at, container, find, type PodTemplate, podTemplates, variablesOf } from "./manifests";
import { stackValues } from "./release";

/** What one container is, however it is rendered. */
interface Facts {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: string;
  readonly image: string;
}

/** Addresses, and how many there are, differ between one machine and many pods, and nothing else does. */
function withoutAddresses(facts: Facts): Facts {
  const hide = (text: string) =>
    text
      .replaceAll(/(?<=http:\/\/)[\w.-]+(?=:)|^(?:0\.0\.0\.0|127\.0\.0\.1)$/g, "ADDRESS")
      .replaceAll(',"discovery":"dns"', "");
  return {
    ...facts,
    args: facts.args.map(hide),
    env: Object.fromEntries(Object.entries(facts.env).map(([name, value]) => [name, hide(value)])),
  };
}

/** The containers as a VM boots them, read back from its cloud-init. */
function onMachine(name: string): ReadonlyMap<string, Facts & { readonly stopSeconds: number }> {
  const settings = clusterSettings(name);
  const [group] = settings.groups;
  // The cluster's placement on a machine's addresses: what is compared is the rendering, not the placement.
  const unit = servingUnit({
    ...unitProps(environmentOf(settings), "gke-gateway"),
    engines: podPlacement(group?.engines ?? []).map((engine, gpu) => ({ ...engine, gpu })),
    reportLoad: false,
  });
  const { files, units } = parseUserData(servingUserData({ unit, gpuCount: 4, driverVersion: "R580" }));
  return new Map(
    [unit.gateway, ...unit.engines].map(({ name, image, port }) => {
      const words = parseCommand(service(units[`terrace-${name}.service`], "ExecStart"));
      const envFile = words.find((word) => word.startsWith("--env-file="))?.slice("--env-file=".length) ?? "";
      const lines = files[envFile]?.split("\n").slice(0, -1) ?? [];
      const stop = parseCommand(service(units[`terrace-${name}.service`], "ExecStop"));
      const facts = {
        args: words.slice(words.indexOf(imageUri(image)) + 1),
        env: Object.fromEntries(lines.map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)])),
        port: String(port),
        image: imageUri(image),
        stopSeconds: Number(stop.at(-2)),
      };
      return [name, facts] as const;
    }),
  );
}

/** Variables that the chart adds to an engine: where a pod has what the VM's image and mounts have elsewhere. */
const POD_ONLY = ["LD_LIBRARY_PATH", "HOME", "USER"];

function inPod(pod: PodTemplate, name: "gateway" | "engine"): Facts {
  const of = container(pod, name);
  const env = Object.entries(variablesOf(of)).filter(
    ([variable]) => name === "gateway" || !POD_ONLY.includes(variable),
  );
  return {
    args: textsAt(of, "args"),
    env: Object.fromEntries(env),
    port: String(blocksAt(of, "ports").map((port) => numberAt(port, "containerPort"))[0]),
    image: textAt(of, "image") ?? "",
  };
}

function probe(of: JsonObject, kind: string) {
  return {
    path: textAt(at(of, kind, "httpGet"), "path"),
    port: textAt(at(of, kind, "httpGet"), "port"),
    seconds: numberAt(at(of, kind), "periodSeconds"),
    failures: numberAt(at(of, kind), "failureThreshold"),
  };
}

function agreementOf(name: string): void {
  const settings = clusterSettings(name);
  const machine = onMachine(name);
  const objects = render(stackValues(settings));
  const pods = podTemplates(objects);
  const enginePods = pods.filter(({ labels }) => labels["app.kubernetes.io/component"] === "engine");
  const gatewayPod = pods.find(({ labels }) => labels["llm-serving/gateway"] === "true");
  const shortened = settings.kubernetes?.gpuPool.spotMaxNodes !== 0;
  if (gatewayPod === undefined) throw new Error("no pod has a gateway");

  it("have the same gateway: image, variables, port", () => {
    const { stopSeconds: _, ...expected } = machine.get("gateway") ?? { stopSeconds: 0 };
    const { args, ...found } = withoutAddresses(inPod(gatewayPod, "gateway"));
    const { args: expectedArgs, ...rest } = withoutAddresses({ args: [], env: {}, port: "", image: "", ...expected });
    expect(found).toEqual(rest);
    expect(args).toEqual(expectedArgs);
  });

  it("have the same engines: image, flags, variables, port", () => {
    expect(enginePods.length).toBeGreaterThan(0);
    for (const pod of enginePods) {
      const { stopSeconds: _, ...expected } = machine.get(String(pod.labels["llm-serving/engine"])) ?? {
        stopSeconds: 0,
        args: [],
        env: {},
        port: "",
        image: "",
      };
      const found = withoutAddresses(inPod(pod, "engine"));
      // Spot gives an engine less time to end.
      const flags = (args: readonly string[]) =>
        shortened ? args.filter((_, index) => args[index - 1] !== "--shutdown-timeout") : args;
      const wanted = withoutAddresses(expected);
      expect({ ...found, args: flags(found.args) }).toEqual({ ...wanted, args: flags(wanted.args) });
    }
  });

  it("have the same grace times, or those that Spot leaves", () => {
    const [gatewayStop, engineStop] = [machine.get("gateway")?.stopSeconds, machine.get("engine-0")?.stopSeconds];
    const seconds = (pod: PodTemplate) => numberAt(pod.spec, "terminationGracePeriodSeconds");
    if (gatewayPod !== enginePods[0]) expect(seconds(gatewayPod)).toBe(gatewayStop);
    for (const pod of enginePods) {
      expect(seconds(pod)).toBe(shortened ? 15 : (gatewayStop ?? 0) + (engineStop ?? 0));
      const hook = textsAt(at(container(pod, "engine"), "lifecycle", "preStop", "exec"), "command");
      // The hook ends before vLLM's own time begins.
      expect(Number(hook.at(-1)) + (shortened ? 3 : (engineStop ?? 0))).toBe(seconds(pod));
    }
    expect(seconds(enginePods[0] ?? gatewayPod)).toBeLessThanOrEqual(settings.grace.loadBalancerDrainingSeconds);
  });

  it("are probed at the paths of the unit and the contract", () => {
    const gateway = container(gatewayPod, "gateway");
    expect(probe(gateway, "readinessProbe")).toMatchObject({ path: "/healthz", port: "http" });
    expect(probe(gateway, "livenessProbe")).toMatchObject({ path: "/health/live", port: "http" });
    for (const pod of enginePods) {
      for (const kind of ["startupProbe", "readinessProbe", "livenessProbe"]) {
        expect(probe(container(pod, "engine"), kind)).toMatchObject({ path: "/health", port: "engine" });
      }
    }
  });

  it("are probed by the load balancer as the VMs are", () => {
    const healthCheck = at(find(objects, "BackendConfig", "gateway"), "spec", "healthCheck");
    expect(healthCheck).toEqual({
      type: "HTTP",
      requestPath: "/healthz",
      port: settings.appPort,
      checkIntervalSec: HEALTH_CHECK.intervalSeconds,
      timeoutSec: HEALTH_CHECK.timeoutSeconds,
      healthyThreshold: HEALTH_CHECK.healthyThreshold,
      unhealthyThreshold: HEALTH_CHECK.unhealthyThreshold,
    });
  });

  it("connect: every engine that the gateway calls is a Service of that port, or in its own pod", () => {
    const table = variablesOf(container(gatewayPod, "gateway")).MODEL_TABLE ?? "";
    const urls = [...table.matchAll(/http:\/\/([\w.-]+):(\d+)\/v1/g)];
    expect(urls.length).toBeGreaterThan(0);
    for (const url of urls) {
      const [, host = "", port] = url;
      if (host === "127.0.0.1") {
        expect(inPod(gatewayPod, "engine").port).toBe(port);
      } else {
        const [exposed = {}] = blocksAt(at(find(objects, "Service", host), "spec"), "ports");
        expect(numberAt(exposed, "port")).toBe(Number(port));
      }
    }
  });
}

for (const name of CLUSTER_NAMES) {
  describeWith(["helm"], `the pods of ${name} and the VM's containers`, () => agreementOf(name));
}
