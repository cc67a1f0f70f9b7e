import { beforeAll, expect, it } from "@jest/globals";
import { tryApply } from "./kubectl";
import { makeNamespace } from "./platform";
import { describeInCluster } from "./requirement";

const RESTRICTED = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

function pod(container: object, spec: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "intruder" },
    spec: {
      containers: [{ name: "only", image: "example/app:v1", securityContext: RESTRICTED, ...container }],
      ...spec,
    },
  };
}

function service(type: string): object {
  return { apiVersion: "v1", kind: "Service", metadata: { name: "way-in" }, spec: { type, ports: [{ port: 80 }] } };
}

function gpus(count: number): object {
  return { resources: { limits: { "nvidia.com/gpu": count } } };
}

function claim(storage: string): object {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "large" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
  };
}

const NAMESPACES = ["llm-serving", "platform", "exporters"] as const;
type Namespace = (typeof NAMESPACES)[number];

/** What is tried, where, and by which words it is refused. */
const REFUSED: readonly (readonly [string, Namespace, object, RegExp])[] = [
  [
    "a Service of type LoadBalancer",
    "llm-serving",
    service("LoadBalancer"),
    /exceeded quota: terrace.*services\.loadbalancers=1/,
  ],
  ["a Service of type NodePort", "llm-serving", service("NodePort"), /exceeded quota: terrace.*services\.nodeports=1/],
  [
    "a Service of type LoadBalancer",
    "platform",
    service("LoadBalancer"),
    /exceeded quota: terrace.*services\.loadbalancers=1/,
  ],
  ["a Service of type NodePort", "exporters", service("NodePort"), /exceeded quota: terrace.*services\.nodeports=1/],
  [
    "a privileged pod",
    "llm-serving",
    pod({ securityContext: { privileged: true } }),
    /violates PodSecurity "restricted:v1\.32".*privileged/,
  ],
  [
    "a pod of root",
    "platform",
    pod({ securityContext: { ...RESTRICTED, runAsNonRoot: false } }),
    /violates PodSecurity.*runAsNonRoot/,
  ],
  [
    "a pod in the node's network",
    "llm-serving",
    pod({}, { hostNetwork: true }),
    /violates PodSecurity.*host namespaces/,
  ],
  ["a pod with a GPU", "platform", pod(gpus(1)), /exceeded quota: terrace.*nvidia\.com\/gpu=1/],
  [
    "more GPUs than auto-provisioning may make",
    "llm-serving",
    pod(gpus(100)),
    /exceeded quota: terrace.*nvidia\.com\/gpu=100/,
  ],
  ["a claim beyond the disks", "platform", claim("10Ti"), /exceeded quota: terrace.*requests\.storage=10Ti/],
];

describeInCluster("a guarded namespace", () => {
  const named = (namespace: Namespace) => `guarded-${namespace}`;

  beforeAll(() => Promise.all(NAMESPACES.map((name) => makeNamespace(named(name), name))));

  it.each(REFUSED)("refuses %s in %s", async (_, namespace, object, words) => {
    const { ok, stderr } = await tryApply([object], "--dry-run=server", "--namespace", named(namespace));
    expect(ok).toBe(false);
    expect(stderr).toMatch(words);
  });

  it.each([
    ["a pod with a GPU", "llm-serving", pod(gpus(1))],
    ["a privileged pod", "exporters", pod({ securityContext: { privileged: true } })],
  ] as const)("accepts %s in %s", async (_, namespace, object) => {
    const { ok, stderr } = await tryApply([object], "--dry-run=server", "--namespace", named(namespace));
    expect({ ok, stderr }).toEqual({ ok: true, stderr: "" });
  });
});
