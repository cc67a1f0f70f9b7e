import { expect, it } from "@jest/globals";
import { AUTOSCALER_TOLERANCE } from "../../../planning/metrics-api";
import { describeWith } from "../../../testing/programs";
import { blocksAt, type JsonObject, numberAt, parseObject, textAt } from "../../support/json";
import { CLUSTER_NAMES, clusterSettings } from "./environments";
import { EXAMPLE_NAMES, exampleValues, render } from "./helm";
import {
  at,
  container,
  find,
  matchesLabels,
  objectKind,
  objectName,
  ofKind,
  type PodTemplate,
  podTemplates,
  withValue,
} from "./manifests";
import { mayBeCalled, mayCall } from "./reach";
import { stackValues } from "./release";

const suite = (name: string, body: () => void) => describeWith(["helm"], name, body);
const example = (name: string) => render(exampleValues(`${name}.yaml`));

function pod(objects: readonly JsonObject[], owner: string): PodTemplate {
  const found = podTemplates(objects).find((candidate) => candidate.owner === owner);
  if (found === undefined) throw new Error(`no ${owner}`);
  return found;
}

suite("NetworkPolicies", () => {
  const objects = example("everything");
  const labels = (owner: string) => pod(objects, owner).labels;
  const own = (owner: string) => ({ namespace: "llm-serving", labels: labels(owner) });
  const prometheus = { namespace: "platform", labels: { "app.kubernetes.io/name": "prometheus" } };
  const [engine, gateway, web] = ["Deployment engine-0-blue", "Deployment gateway", "Deployment web"] as const;

  it("let only the gateway, the release check and Prometheus reach an engine", () => {
    expect(mayBeCalled(objects, labels(engine), own(gateway), 8100)).toBe(true);
    expect(mayBeCalled(objects, labels(engine), own("Job release-check"), 8100)).toBe(true);
    expect(mayBeCalled(objects, labels(engine), prometheus, 8100)).toBe(true);
    for (const other of [
      web,
      "Job migration",
      "CronJob refresh",
      "Pod gateway-test",
      "Deployment warm-spare",
      engine,
    ]) {
      expect({ other, may: mayBeCalled(objects, labels(engine), own(other), 8100) }).toEqual({ other, may: false });
    }
    const elsewhere = { namespace: "default", labels: labels(gateway) };
    expect(mayBeCalled(objects, labels(engine), elsewhere, 8100)).toBe(false);
    expect(mayBeCalled(objects, labels(engine), { range: "35.191.0.0/16" }, 8100)).toBe(false);
    expect(mayBeCalled(objects, labels(engine), { ...prometheus, namespace: "llm-serving" }, 8100)).toBe(false);
    expect(mayBeCalled(objects, labels(engine), own(gateway), 22)).toBe(false);
  });

  it("let the gateway call the engines", () => {
    expect(mayCall(objects, labels(gateway), own(engine), 8100)).toBe(true);
    expect(mayCall(objects, labels(web), own(engine), 8100)).toBe(false);
  });

  it("let load balancers reach gateway and web front", () => {
    for (const range of ["35.191.0.0/16", "130.211.0.0/22"]) {
      expect(mayBeCalled(objects, labels(gateway), { range }, 8001)).toBe(true);
      expect(mayBeCalled(objects, labels(web), { range }, 8080)).toBe(true);
    }
    expect(mayBeCalled(objects, labels(gateway), { range: "0.0.0.0/0" }, 8001)).toBe(false);
  });

  it("let jobs and the test reach the gateway", () => {
    for (const caller of ["CronJob refresh", "Pod gateway-test"]) {
      expect(mayBeCalled(objects, labels(gateway), own(caller), 8001)).toBe(true);
      expect(mayCall(objects, labels(caller), own(gateway), 8001)).toBe(true);
    }
  });

  it("let pods resolve names and reach Google, not the internet", () => {
    const dns = { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } };
    for (const owner of [engine, gateway]) {
      expect(mayCall(objects, labels(owner), dns, 53)).toBe(true);
      expect(mayCall(objects, labels(owner), { range: "199.36.153.8/30" }, 443)).toBe(true);
      expect(mayCall(objects, labels(owner), { range: "169.254.169.254/32" }, 80)).toBe(true);
      expect(mayCall(objects, labels(owner), { range: "0.0.0.0/0" }, 443)).toBe(false);
    }
    expect(mayCall(objects, labels(web), { range: "199.36.153.8/30" }, 443)).toBe(false);
  });

  it("select every pod in both directions", () => {
    expect(at(find(objects, "NetworkPolicy", "default-deny"), "spec")).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
  });

  it("leave an engine open where they are removed", () => {
    const open = objects.filter((object) => !["default-deny", "engine"].includes(objectName(object)));
    expect(mayBeCalled(open, labels(engine), own(web), 8100)).toBe(true);
  });
});

suite("colours of an engine", () => {
  const values = exampleValues("everything.yaml");
  const serving = (colour: string) => render(withValue(values, ["engines", "colours", "serving"], colour));
  const selected = (objects: readonly JsonObject[]) =>
    podTemplates(objects)
      .filter(({ labels }) => matchesLabels(at(find(objects, "Service", "engine-0"), "spec", "selector"), labels))
      .map(({ owner }) => owner);

  it("share the traffic by their pods, or one has it all", () => {
    expect(selected(serving("both"))).toEqual(["Deployment engine-0-blue", "Deployment engine-0-green"]);
    expect(selected(serving("green"))).toEqual(["Deployment engine-0-green"]);
    expect(selected(serving("blue"))).toEqual(["Deployment engine-0-blue"]);
  });

  it("move by one value, which changes the Service and starts or stops no engine", () => {
    const [canary, rolledBack] = [serving("both"), serving("blue")];
    const changed = rolledBack.filter((object, index) => JSON.stringify(object) !== JSON.stringify(canary[index]));
    // The check runs for the release and ends with it.
    expect(changed.map((object) => `${objectKind(object)} ${objectName(object)}`)).toEqual([
      "Service engine-0",
      "Job release-check",
    ]);
  });

  it("have Deployments and autoscalers of their own, with their images", () => {
    const objects = serving("both");
    const image = (owner: string) => textAt(container(pod(objects, owner), "engine"), "image");
    expect(image("Deployment engine-0-blue")).toMatch(/v0\.33\.0$/);
    expect(image("Deployment engine-0-green")).toMatch(/v0\.34\.0$/);
    const bounds = (name: string) => {
      const spec = at(find(objects, "HorizontalPodAutoscaler", name), "spec");
      return [numberAt(spec, "minReplicas"), numberAt(spec, "maxReplicas")];
    };
    expect(bounds("engine-0-blue")).toEqual([3, 6]);
    expect(bounds("engine-0-green")).toEqual([1, 1]);
  });

  it("come from the settings' shares", () => {
    const objects = render(stackValues(clusterSettings("canary")));
    const bounds = ["engine-0-blue", "engine-0-green"].map((name) => {
      const spec = at(find(objects, "HorizontalPodAutoscaler", name), "spec");
      return [numberAt(spec, "minReplicas"), numberAt(spec, "maxReplicas")];
    });
    expect(bounds).toEqual([
      [2, 3],
      [1, 1],
    ]);
    expect(selected(render(stackValues(clusterSettings("both colours, blue serving"))))).toEqual([
      "Deployment engine-0-blue",
    ]);
  });
});

suite("references between objects", () => {
  const names = ["production", "beside-engine", "everything"] as const;

  it.each(names)("every selector of %s selects pods", (name) => {
    const objects = example(name);
    const pods = podTemplates(objects);
    const selectors = objects.flatMap((object) => {
      const selector = {
        Service: at(object, "spec", "selector"),
        Deployment: at(object, "spec", "selector", "matchLabels"),
        PodDisruptionBudget: at(object, "spec", "selector", "matchLabels"),
        PodMonitor: at(object, "spec", "selector", "matchLabels"),
      }[objectKind(object)];
      return selector === undefined ? [] : [{ owner: `${objectKind(object)} ${objectName(object)}`, selector }];
    });
    expect(selectors.length).toBeGreaterThan(3);
    for (const { owner, selector } of selectors) {
      expect(Object.keys(selector).length).toBeGreaterThan(0);
      const found = pods.filter(({ labels }) => matchesLabels(selector, labels)).map((each) => each.owner);
      expect({ owner, found: found.length > 0 }).toEqual({ owner, found: true });
      // A Deployment that selects another's pods would delete them.
      if (owner.startsWith("Deployment ")) expect(found).toEqual([owner]);
    }
  });

  it.each([
    ...EXAMPLE_NAMES.map((name) => [`ci/${name}`, () => exampleValues(name)] as const),
    ...CLUSTER_NAMES.map((name) => [`settings: ${name}`, () => stackValues(clusterSettings(name))] as const),
  ])("no pod of %s has two disruption budgets, which would keep its node from ever being drained", (_, values) => {
    const objects = render(values());
    const budgets = ofKind(objects, "PodDisruptionBudget");
    const shared = podTemplates(objects).flatMap(({ owner, labels }) => {
      const of = budgets.filter((budget) => matchesLabels(at(budget, "spec", "selector", "matchLabels"), labels));
      return of.length > 1 ? [`${owner}: ${of.map(objectName).join(", ")}`] : [];
    });
    expect(shared).toEqual([]);
    expect(budgets.length).toBeGreaterThan(0);
  });

  it.each(names)("every autoscaler of %s scales a Deployment that leaves its replicas to it", (name) => {
    const objects = example(name);
    const scalers = ofKind(objects, "HorizontalPodAutoscaler");
    expect(scalers.length).toBeGreaterThan(0);
    for (const scaler of scalers) {
      const target = find(objects, "Deployment", textAt(at(scaler, "spec", "scaleTargetRef"), "name") ?? "");
      expect(at(target, "spec")).not.toHaveProperty("replicas");
    }
  });

  it.each(names)("every port that %s names is a port of the pods", (name) => {
    const objects = example(name);
    for (const service of ofKind(objects, "Service")) {
      const [port = {}] = blocksAt(at(service, "spec"), "ports");
      const pods = podTemplates(objects).filter(({ labels }) => matchesLabels(at(service, "spec", "selector"), labels));
      for (const { spec } of pods) {
        const ports = blocksAt(spec, "containers").flatMap((each) => blocksAt(each, "ports"));
        expect(ports.map((each) => textAt(each, "name"))).toContain(textAt(port, "targetPort"));
      }
    }
  });

  it("engines ask for one L4, on nodes that have it", () => {
    for (const { owner, spec } of podTemplates(example("production"))) {
      if (!owner.startsWith("Deployment engine-")) continue;
      const [engine = {}] = blocksAt(spec, "containers");
      expect(at(engine, "resources", "limits")["nvidia.com/gpu"]).toBe(1);
      expect(at(spec, "nodeSelector")).toEqual({ "cloud.google.com/gke-accelerator": "nvidia-l4" });
      expect(blocksAt(spec, "tolerations")).toContainEqual({
        key: "nvidia.com/gpu",
        operator: "Exists",
        effect: "NoSchedule",
      });
    }
  });

  it("only pods that tolerate it run on Spot nodes", () => {
    const tolerates = (name: string) =>
      blocksAt(pod(example(name), "Deployment engine-0-blue").spec, "tolerations").some(
        (each) => each.key === "cloud.google.com/gke-spot",
      );
    expect(tolerates("everything")).toBe(true);
    expect(tolerates("production")).toBe(false);
  });

  it("the endpoint group with a name is not on the Service of the Ingress, which GKE refuses", () => {
    for (const service of ofKind(example("production"), "Service")) {
      const annotation = textAt(at(service, "metadata", "annotations"), "cloud.google.com/neg");
      if (annotation === undefined) continue;
      const neg = parseObject(annotation);
      expect(neg.ingress === true && neg.exposed_ports !== undefined).toBe(false);
    }
    const edge = find(example("production"), "Service", "gateway-edge");
    expect(parseObject(textAt(at(edge, "metadata", "annotations"), "cloud.google.com/neg") ?? "")).toEqual({
      exposed_ports: { "80": { name: "terrace-production-gke-gateway" } },
    });
  });

  it("the Ingress sends the web front and the gateway their own paths", () => {
    const [rule = {}] = blocksAt(at(find(example("everything"), "Ingress", "gateway"), "spec"), "rules");
    const paths = blocksAt(at(rule, "http"), "paths").map((path) => [
      textAt(path, "path"),
      textAt(at(path, "backend", "service"), "name"),
    ]);
    expect(paths).toEqual([
      ["/til", "gateway"],
      ["/api", "gateway"],
      ["/", "web"],
    ]);
  });

  it.each(names)("a new version of the chart alone restarts no pod of %s", (name) => {
    for (const { owner, labels } of podTemplates(example(name))) {
      if (!owner.startsWith("Deployment ")) continue;
      expect(JSON.stringify(labels)).not.toContain("0.1.0");
    }
  });

  it("what is off by default renders no object", () => {
    const kinds = new Set(example("production").map(objectKind));
    expect(kinds).not.toContain("CronJob");
    const owners = podTemplates(example("production")).map(({ owner }) => owner);
    expect(owners.filter((owner) => owner.startsWith("Job "))).toEqual(["Job release-check"]);
    expect(owners).not.toContain("Deployment warm-spare");
  });
});

/** A quantity of Kubernetes in thousandths. */
function quantity(text = ""): number {
  const [, millis] = /^([0-9]+)m$/.exec(text) ?? [];
  if (millis === undefined) throw new Error(`"${text}" is no quantity in thousandths`);
  return Number(millis) / 1000;
}

/** Pods that an autoscaler asks for: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details */
function wanted(pods: number, value: number, target = 0): number {
  const ratio = value / target;
  return Math.abs(ratio - 1) <= AUTOSCALER_TOLERANCE ? pods : Math.ceil(pods * ratio);
}

suite("Deployments of the engines", () => {
  it.each([
    ["production", 0, 1],
    ["pods that surge", 1, 0],
  ])("of %s roll with %d pods more and %d fewer than there are", (name, maxSurge, maxUnavailable) => {
    const objects = render(stackValues(clusterSettings(name)));
    const strategy = at(find(objects, "Deployment", "engine-0-blue"), "spec", "strategy", "rollingUpdate");
    expect(strategy).toEqual({ maxSurge, maxUnavailable });
  });
});

suite("HorizontalPodAutoscalers", () => {
  const metricsOf = (name: string, scaler: string) =>
    blocksAt(
      at(find(render(stackValues(clusterSettings(name))), "HorizontalPodAutoscaler", scaler), "spec"),
      "metrics",
    );

  it("of engines scale out at a queue above 100, a first token above 2 s, a GPU above 80 %", () => {
    expect(metricsOf("production", "engine-0-blue")).toEqual([
      {
        type: "Pods",
        pods: {
          metric: { name: "vllm_requests_waiting_for_capacity" },
          target: { type: "AverageValue", averageValue: "90910m" },
        },
      },
      {
        type: "External",
        external: {
          metric: {
            name: "vllm_ttft_p95_seconds",
            selector: { matchLabels: { model_name: "gemma3-12b-it-gptq" } },
          },
          target: { type: "Value", value: "1819m" },
        },
      },
      {
        type: "Pods",
        pods: {
          metric: { name: "dcgm_gpu_utilization_percent" },
          target: { type: "AverageValue", averageValue: "72728m" },
        },
      },
      // As many pods as there are while it is 1: a pod is removed below a lower value than the one that adds a pod.
      {
        type: "External",
        external: {
          metric: {
            name: "engine_scale_in_hold",
            selector: { matchLabels: { model_name: "gemma3-12b-it-gptq" } },
          },
          target: { type: "Value", value: "1000m" },
        },
      },
    ]);
  });

  it("of engines add a pod at the first value above those, and none at them", () => {
    const [queue, firstToken, gpu, hold] = metricsOf("production", "engine-0-blue").map((metric) => {
      const [target = {}] = [...blocksAt(at(metric, "pods"), "target"), ...blocksAt(at(metric, "external"), "target")];
      return quantity(textAt(target, "averageValue") ?? textAt(target, "value"));
    });
    expect([wanted(4, 100, queue), wanted(4, 101, queue)]).toEqual([4, 5]);
    expect([wanted(4, 2, firstToken), wanted(4, 2.01, firstToken)]).toEqual([4, 5]);
    expect([wanted(4, 80, gpu), wanted(4, 81, gpu)]).toEqual([4, 5]);
    // Holds the pods that there are, and adds none.
    expect(wanted(4, 1, hold)).toBe(4);
  });

  it("with Google's adapter read Cloud Monitoring, in its units", () => {
    const metrics = metricsOf("Google's adapter", "engine-1-blue").map((metric) => at(metric, "external"));
    expect(
      metrics.map((external) => [textAt(at(external, "metric"), "name"), Object.values(at(external, "target"))]),
    ).toEqual([
      ["custom.googleapis.com|queue|length", ["AverageValue", "90910m"]],
      ["custom.googleapis.com|vllm|ttft_p95_ms", ["Value", "1818182m"]],
      ["custom.googleapis.com|gpu|usage_percent", ["Value", "72728m"]],
    ]);
  });

  it("of gateways scale by CPU, and by requests in flight below the number that a gateway refuses", () => {
    const [cpu, inFlight] = metricsOf("production", "gateway");
    expect(at(cpu ?? {}, "resource", "target")).toEqual({ type: "Utilization", averageUtilization: 63 });
    const target = quantity(textAt(at(inFlight ?? {}, "pods", "target"), "averageValue"));
    expect(target * 1.1).toBeGreaterThan(24);
    expect(target * 1.1).toBeLessThan(24 + 16 + 12);
  });
});
