/** The hook that makes `atomic` true for single replicas: a release is done once the new version answers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "@jest/globals";
import { releaseCheckSeconds, rolloutTimeoutSeconds } from "../../../planning/rollout";
import { freePort } from "../../../testing/free-port";
import { describeWith } from "../../../testing/programs";
import { isList, isObject, type JsonObject, numberAt, parseJson, textAt } from "../../support/json";
import { CLUSTER_NAMES, clusterSettings } from "./environments";
import { CHART, EXAMPLE_NAMES, exampleValues, render } from "./helm";
import {
  at,
  container,
  find,
  matchesLabels,
  objectName,
  ofKind,
  type PodTemplate,
  podTemplates,
  variablesOf,
  withValue,
} from "./manifests";
import { mayBeCalled, mayCall } from "./reach";
import { releaseOf, stackValues } from "./release";

interface CheckedEngine {
  readonly url: string;
  readonly model: string;
}

function pod(objects: readonly JsonObject[], owner: string): PodTemplate {
  const found = podTemplates(objects).find((candidate) => candidate.owner === owner);
  if (found === undefined) throw new Error(`no ${owner}`);
  return found;
}

function checkedEngines(objects: readonly JsonObject[]): readonly CheckedEngine[] {
  const check = container(pod(objects, "Job release-check"), "release-check");
  const engines = parseJson(variablesOf(check).ENGINES ?? "");
  if (!isList(engines)) throw new Error("ENGINES is no list");
  return engines.map((engine) => {
    const value = isObject(engine) ? engine : {};
    return { url: textAt(value, "url") ?? "", model: textAt(value, "model") ?? "" };
  });
}

/** Deployments whose pods the Service of a URL selects. */
function behind(objects: readonly JsonObject[], url: string): readonly string[] {
  const selector = at(find(objects, "Service", new URL(url).hostname), "spec", "selector");
  return podTemplates(objects)
    .filter(({ labels }) => matchesLabels(selector, labels))
    .map(({ owner }) => owner);
}

function versions(objects: readonly JsonObject[]): Readonly<Record<string, unknown>> {
  const services = ofKind(objects, "Service").map((service) => [
    objectName(service),
    at(service, "spec", "selector")["llm-serving/version"],
  ]);
  return Object.fromEntries(services.filter(([, version]) => version !== undefined));
}

describeWith(["helm"], "Job release-check", () => {
  const everything = exampleValues("everything.yaml");
  const serving = (colour: string) => render(withValue(everything, ["engines", "colours", "serving"], colour));

  it.each([
    ...EXAMPLE_NAMES.map((name) => [`ci/${name}`, () => exampleValues(name)] as const),
    ...CLUSTER_NAMES.map((name) => [`settings: ${name}`, () => stackValues(clusterSettings(name))] as const),
  ])("of %s calls the pods of one Deployment for each engine, by a port that policies open", (_, values) => {
    const objects = render(values());
    const check = pod(objects, "Job release-check");
    const engines = checkedEngines(objects);
    expect(engines.length).toBeGreaterThan(0);
    for (const { url, model } of engines) {
      const [owner = "", ...others] = behind(objects, url);
      expect({ url, others }).toEqual({ url, others: [] });
      const engine = pod(objects, owner);
      expect(engine.labels["llm-serving/model"]).toBe(model);
      const port = Number(new URL(url).port);
      expect(mayCall(objects, check.labels, { namespace: "llm-serving", labels: engine.labels }, port)).toBe(true);
      expect(mayBeCalled(objects, engine.labels, { namespace: "llm-serving", labels: check.labels }, port)).toBe(true);
    }
  });

  it("calls every colour that serves, and none that does not", () => {
    const urls = (colour: string) => checkedEngines(serving(colour)).map(({ url }) => url);
    expect(urls("both")).toEqual(["http://engine-0-blue:8100", "http://engine-0-green:8100"]);
    expect(urls("green")).toEqual(["http://engine-0-green:8100"]);
    // Away from a canary that does not answer.
    expect(urls("blue")).toEqual(["http://engine-0-blue:8100"]);
  });

  it("finds pods of the new version alone: whatever changes an engine's pods changes what is selected", () => {
    const before = versions(render(everything));
    const changed = (path: readonly string[], value: string | number | readonly string[]) => {
      const after = versions(render(withValue(everything, path, isList(value) ? [...value] : value)));
      return Object.keys(before).filter((name) => before[name] !== after[name]);
    };
    const both = ["engine-0-blue", "engine-0-green"];
    expect(Object.keys(before)).toEqual(both);
    expect(
      changed(["engines", "colours", "green", "image"], "us-central1-docker.pkg.dev/acme/terrace/vllm:broken"),
    ).toEqual(["engine-0-green"]);
    expect(changed(["engines", "models", "engine-0", "args"], ["/models/other"])).toEqual(both);
    expect(changed(["engines", "drainSeconds"], 11)).toEqual(both);
    // Gateways roll by themselves, and Helm waits for theirs.
    expect(changed(["gateway", "image"], "us-central1-docker.pkg.dev/acme/terrace/app:v2")).toEqual([]);
    expect(changed(["engines", "colours", "serving"], "blue")).toEqual([]);
  });

  it("may call engines and nothing else, and has no account", () => {
    const objects = render(everything);
    const { labels, spec } = pod(objects, "Job release-check");
    expect(
      mayCall(objects, labels, { namespace: "llm-serving", labels: pod(objects, "Deployment web").labels }, 8080),
    ).toBe(false);
    expect(mayCall(objects, labels, { range: "199.36.153.8/30" }, 443)).toBe(false);
    expect(mayCall(objects, labels, { range: "10.21.0.0/20" }, 5432)).toBe(false);
    expect(spec.automountServiceAccountToken).toBe(false);
    const account = find(objects, "ServiceAccount", textAt(spec, "serviceAccountName") ?? "");
    expect(at(account, "metadata")).not.toHaveProperty("annotations");
  });

  it("runs after the release's objects are there, fails at once, and keeps its log", () => {
    const job = find(render(everything), "Job", "release-check");
    expect(at(job, "metadata", "annotations")).toEqual({
      "helm.sh/hook": "post-install,post-upgrade",
      "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    });
    expect(at(job, "spec")).toMatchObject({ backoffLimit: 0, template: { spec: { restartPolicy: "Never" } } });
  });

  it.each(CLUSTER_NAMES)(
    "of %s ends by itself before Helm gives up on it, and after the slowest cold start",
    (name) => {
      const settings = clusterSettings(name);
      const objects = render(stackValues(settings));
      const deadline = numberAt(at(find(objects, "Job", "release-check"), "spec"), "activeDeadlineSeconds") ?? 0;
      const stops = podTemplates(objects)
        .filter(({ labels }) => labels["app.kubernetes.io/component"] === "engine")
        .map(({ spec }) => numberAt(spec, "terminationGracePeriodSeconds") ?? 0);
      const models = (settings.groups[0]?.engines ?? []).map(({ model }) => model);
      const [stopSeconds = 0] = stops;
      expect(deadline).toBe(releaseCheckSeconds({ models, stopSeconds }));
      const timeout = numberAt(releaseOf(settings), "timeout") ?? 0;
      expect(timeout).toBeGreaterThan(deadline);
      expect(timeout).toBe(
        rolloutTimeoutSeconds({ models, stopSeconds, replicas: settings.kubernetes?.engines.maxReplicas ?? 0 }),
      );
    },
  );
});

describe("release-check.mjs", () => {
  const script = readFileSync(join(CHART, "files", "release-check.mjs"), "utf8");
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** An engine that answers these, one after another; the last stays. */
  async function engine(answers: readonly (readonly [status: number, body: string])[], port = 0): Promise<string> {
    let asked = 0;
    const server = createServer((_, response) => {
      const [status, body] = answers[Math.min(asked, answers.length - 1)] ?? [500, ""];
      asked += 1;
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
    servers.push(server);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("the engine listens on no port");
    return `http://127.0.0.1:${address.port}`;
  }

  async function check(urls: readonly string[], timeoutSeconds: number) {
    const env = {
      PATH: process.env.PATH,
      ENGINES: JSON.stringify(urls.map((url, index) => ({ url, model: `model-${index}` }))),
      TIMEOUT_SECONDS: String(timeoutSeconds),
    };
    const child = spawn("node", ["--input-type=module", "--eval", script], { env });
    const [output, errors, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    return { status, output: output + errors };
  }

  const ANSWER = [200, JSON.stringify({ choices: [{ message: { content: "p" } }] })] as const;

  it("succeeds once every engine has answered", async () => {
    const { status, output } = await check([await engine([ANSWER]), await engine([ANSWER])], 20);
    expect(output).toContain("the new version of every engine that serves answers");
    expect(status).toBe(0);
  });

  it("takes a full queue for an answer: a ready engine refuses by 503", async () => {
    expect(await check([await engine([[503, "busy"]])], 20)).toMatchObject({ status: 0 });
  });

  it("waits for one that is not there yet", async () => {
    const port = await freePort();
    const result = check([`http://127.0.0.1:${port}`], 20);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await engine([[500, "loading"], ANSWER], port);
    const { status, output } = await result;
    expect(output).toContain(`model-0 at http://127.0.0.1:${port}: ECONNREFUSED`);
    expect(status).toBe(0);
  });

  it.each([
    ["fails", [500, "CUDA error"] as const, "answered 500: CUDA error"],
    ["answers nothing", [200, "{}"] as const, "answered without a choice"],
  ])("fails at the end of its time where an engine %s, and says which", async (_, answer, reason) => {
    const broken = await engine([answer]);
    const { status, output } = await check([await engine([ANSWER]), broken], 2);
    expect(output).toContain(`model-1 at ${broken} did not answer in 2 s: ${reason}`);
    expect(status).toBe(1);
  });
});
