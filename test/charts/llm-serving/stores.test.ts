/** Access of pods to stores and buckets: network policies, certificates, logins, and what runs before a gateway starts. */
import { expect, it } from "@jest/globals";
import { ADAPTER_MOUNT } from "../../../app/src/contract/endpoints";
import { DATA_PORTS } from "../../../planning/data-ports";
import { describeWith } from "../../../testing/programs";
import { blocksAt, type JsonObject, numberAt, textAt, textsAt } from "../../support/json";
import { clusterSettings } from "./environments";
import { exampleValues, render } from "./helm";
import { at, container, find, objectName, ofKind, type PodTemplate, podTemplates, variablesOf } from "./manifests";
import { mayCall, type Peer } from "./reach";
import { stackValues } from "./release";

const suite = (name: string, body: () => void) => describeWith(["helm"], name, body);

function pod(objects: readonly JsonObject[], owner: string): PodTemplate {
  const found = podTemplates(objects).find((candidate) => candidate.owner === owner);
  if (found === undefined) throw new Error(`no ${owner}`);
  return found;
}

function annotation(object: JsonObject, name: string): string {
  return textAt(at(object, "metadata", "annotations"), name) ?? "";
}

suite("access of pods to the stores", () => {
  const settings = clusterSettings("production");
  const objects = render(stackValues(settings));
  const inCluster = render(stackValues(clusterSettings("the cluster's vectors")));
  const { servicesCidr, servingCidr } = settings.network;
  const postgres: readonly [Peer, number] = [{ range: servicesCidr }, DATA_PORTS.postgres];
  const redis: readonly [Peer, number] = [{ range: servingCidr }, DATA_PORTS.redis];
  const vectors: readonly [Peer, number] = [{ range: servingCidr }, DATA_PORTS.vectorStore];
  const clusterVectors: readonly [Peer, number] = [
    { namespace: "platform", labels: { "app.kubernetes.io/name": "qdrant" } },
    DATA_PORTS.vectorStore,
  ];
  const reaches = (of: readonly JsonObject[], owner: string) =>
    [postgres, redis, vectors, clusterVectors].map(([peer, port]) => mayCall(of, pod(of, owner).labels, peer, port));

  it("is open to gateways and the migration, and closed to engines", () => {
    expect(reaches(objects, "Deployment gateway")).toEqual([true, true, true, false]);
    expect(reaches(objects, "Job migration")).toEqual([true, true, true, false]);
    expect(reaches(objects, "Deployment engine-0-blue")).toEqual([false, false, false, false]);
    expect(mayCall(objects, pod(objects, "Deployment gateway").labels, { range: servicesCidr }, 22)).toBe(false);
  });

  it("leads to the Qdrant of the cluster where the settings choose it", () => {
    expect(reaches(inCluster, "Deployment gateway")).toEqual([true, true, false, true]);
    const url = (of: readonly JsonObject[]) =>
      variablesOf(container(pod(of, "Deployment gateway"), "gateway")).QDRANT_URL;
    expect(url(objects)).toBe("http://qdrant.production.terrace.internal:6333");
    expect(url(inCluster)).toBe("http://qdrant.platform.svc.cluster.local:6333");
  });

  it("is open where gateways are in the engines' pods", () => {
    const beside = render(stackValues(clusterSettings("gateway beside the engine")));
    expect(reaches(beside, "Deployment engine-0-blue")).toEqual([true, true, true, false]);
    const mounts = blocksAt(container(pod(beside, "Deployment engine-0-blue"), "gateway"), "volumeMounts");
    expect(mounts.map((mount) => textAt(mount, "mountPath"))).toContain("/etc/terrace/authorities");
  });

  it("includes the embedding server for gateways, where there is one", () => {
    const embedding = render(stackValues(clusterSettings("an embedding server")));
    const server = { range: "10.40.0.0/28" };
    expect(mayCall(embedding, pod(embedding, "Deployment gateway").labels, server, 80)).toBe(true);
    expect(mayCall(embedding, pod(embedding, "Deployment engine-0-blue").labels, server, 80)).toBe(false);
    expect(mayCall(objects, pod(objects, "Deployment gateway").labels, server, 80)).toBe(false);
  });

  it("is closed where the policy is removed", () => {
    const without = objects.filter((object) => objectName(object) !== "stores");
    expect(reaches(without, "Deployment gateway")).toEqual([false, false, false, false]);
  });

  it("uses certificates at the paths that the gateway's variables name", () => {
    for (const [owner, name] of [
      ["Deployment gateway", "gateway"],
      ["Job migration", "migration"],
    ] as const) {
      const of = container(pod(objects, owner), name);
      const variables = variablesOf(of);
      const [mount = {}] = blocksAt(of, "volumeMounts").filter((each) => textAt(each, "name") === "authorities");
      expect(variables.DATABASE_CA_FILE).toBe(`${textAt(mount, "mountPath")}/postgres.pem`);
      expect(variables.REDIS_CA_FILE).toBe(`${textAt(mount, "mountPath")}/redis.pem`);
      const volumes = blocksAt(pod(objects, owner).spec, "volumes").filter(
        (each) => textAt(each, "name") === "authorities",
      );
      expect(volumes).toEqual([{ name: "authorities", configMap: { name: "store-authorities" } }]);
    }
  });

  it("gives each pod its own login", () => {
    const user = (owner: string, name: string) =>
      decodeURIComponent(new URL(variablesOf(container(pod(objects, owner), name)).DATABASE_URL ?? "").username);
    expect(user("Deployment gateway", "gateway")).toBe("production-gke-gateway@terrace-production.iam");
    expect(user("Job migration", "migration")).toBe("production-gke-migration@terrace-production.iam");
    expect(annotation(find(objects, "ServiceAccount", "migration"), "iam.gke.io/gcp-service-account")).toBe(
      "production-gke-migration@terrace-production.iam.gserviceaccount.com",
    );
  });
});

suite("Job migration", () => {
  const objects = render(stackValues(clusterSettings("production")));

  it("runs the image's own command", () => {
    expect(textsAt(container(pod(objects, "Job migration"), "migration"), "args")).toEqual(["migrate"]);
  });

  it("is a hook before the gateways, at an installation too, with everything that it needs", () => {
    const own = [
      find(objects, "ServiceAccount", "migration"),
      find(objects, "NetworkPolicy", "migration"),
      find(objects, "Job", "migration"),
    ];
    expect(own.map((object) => annotation(object, "helm.sh/hook"))).toEqual(Array(3).fill("pre-install,pre-upgrade"));
    const weights = own.map((object) => Number(annotation(object, "helm.sh/hook-weight") || 0));
    expect(weights).toEqual([...weights].sort((a, b) => a - b));
    expect(new Set(weights).size).toBe(3);
    expect(textAt(pod(objects, "Job migration").spec, "serviceAccountName")).toBe("migration");
  });

  it("is absent without shared stores", () => {
    expect(ofKind(render(exampleValues("production.yaml")), "Job").map(objectName)).toEqual(["release-check"]);
  });
});

suite("CronJobs of backups", () => {
  it("exist only where the vectors are in the cluster", () => {
    const names = (name: string) => ofKind(render(stackValues(clusterSettings(name))), "CronJob").map(objectName);
    expect(names("production")).toEqual([]);
    expect(names("the cluster's vectors")).toEqual(["backup", "restore-test"]);
  });

  it("run one at a time, in the time zone of Seoul, with a deadline, and reach the stores", () => {
    const objects = render(stackValues(clusterSettings("the cluster's vectors")));
    const spec = at(find(objects, "CronJob", "backup"), "spec");
    expect(spec).toMatchObject({ schedule: "0 2 * * *", timeZone: "Asia/Seoul", concurrencyPolicy: "Forbid" });
    expect(numberAt(spec, "startingDeadlineSeconds")).toBeGreaterThan(0);
    expect(numberAt(at(spec, "jobTemplate", "spec"), "activeDeadlineSeconds")).toBe(3600);
    const of = container(pod(objects, "CronJob backup"), "backup");
    expect(textsAt(of, "args")).toEqual(["backup", "create"]);
    expect(variablesOf(of)).toMatchObject({
      BACKUP_DESTINATION: "gs://terrace-production-production-backups",
      QDRANT_URL: "http://qdrant.platform.svc.cluster.local:6333",
    });
    const vectors = { namespace: "platform", labels: { "app.kubernetes.io/name": "qdrant" } };
    expect(mayCall(objects, pod(objects, "CronJob backup").labels, vectors, DATA_PORTS.vectorStore)).toBe(true);
  });
});

suite("adapters", () => {
  const objects = render(stackValues(clusterSettings("production")));
  const engines = podTemplates(objects).filter(({ owner }) => owner.startsWith("Deployment engine-"));
  const sidecars = (of: PodTemplate) =>
    blocksAt(of.spec, "initContainers").filter((each) => textAt(each, "restartPolicy") === "Always");

  it("are fetched in the pods of engines that load them, and only there", () => {
    for (const engine of engines) {
      const loads = textsAt(container(engine, "engine"), "args").includes("--enable-lora");
      expect({ owner: engine.owner, sidecars: sidecars(engine).length }).toEqual({
        owner: engine.owner,
        sidecars: loads ? 1 : 0,
      });
    }
    expect(engines.flatMap(sidecars)).toHaveLength(1);
  });

  it("are in the folder that the gateway names to the engine", () => {
    const [engine] = engines.filter((each) => sidecars(each).length > 0);
    if (engine === undefined) throw new Error("no engine with adapters");
    const [sidecar = {}] = sidecars(engine);
    const variables = variablesOf(sidecar);
    expect(variables.ADAPTERS_BUCKET).toBe("terrace-production-production-adapters");
    const mountOf = (of: JsonObject) =>
      blocksAt(of, "volumeMounts").find((mount) => textAt(mount, "name") === "models") ?? {};
    const written = (variables.ADAPTERS_DIR ?? "").replace(textAt(mountOf(sidecar), "mountPath") ?? "?", "");
    const engineMount = mountOf(container(engine, "engine"));
    expect(`${textAt(engineMount, "mountPath")}${written}`).toBe(ADAPTER_MOUNT);
    expect(engineMount.readOnly).toBe(true);
    const prefixes = variablesOf(container(pod(objects, "Deployment gateway"), "gateway")).ADAPTER_PREFIXES;
    expect(prefixes).toBe(`gs://${variables.ADAPTERS_BUCKET}/`);
  });

  it("have room beside the weights", () => {
    const room = (name: string) =>
      Number.parseInt(
        textAt(
          at(
            blocksAt(pod(objects, name).spec, "volumes").find((volume) => textAt(volume, "name") === "models") ?? {},
            "emptyDir",
          ),
          "sizeLimit",
        ) ?? "",
        10,
      );
    const requested = at(container(pod(objects, "Deployment engine-0-blue"), "engine"), "resources", "requests");
    expect(Number.parseInt(String(requested["ephemeral-storage"]), 10)).toBeGreaterThanOrEqual(
      room("Deployment engine-0-blue"),
    );
  });
});

suite("Services of the engines", () => {
  it("have an address for every ready pod, because the gateway chooses among them", () => {
    const objects = render(stackValues(clusterSettings("production")));
    const table = variablesOf(container(pod(objects, "Deployment gateway"), "gateway")).MODEL_TABLE ?? "";
    expect(table).toContain('"discovery":"dns"');
    for (const service of ofKind(objects, "Service").filter((each) => objectName(each).startsWith("engine-"))) {
      expect(textAt(at(service, "spec"), "clusterIP")).toBe("None");
      expect(at(service, "spec").publishNotReadyAddresses).toBeUndefined();
      // Without an address of its own nothing translates the port.
      const [port = {}] = blocksAt(at(service, "spec"), "ports");
      const engine = pod(objects, `Deployment ${objectName(service).replace(/-blue$/, "")}-blue`);
      const [exposed = {}] = blocksAt(container(engine, "engine"), "ports");
      expect(numberAt(port, "port")).toBe(numberAt(exposed, "containerPort"));
    }
  });
});
