/** In place of the pod of a release check, which sends requests: kwok's pods have no address that answers. */
import { setTimeout as delay } from "node:timers/promises";
import { objectName } from "../charts/llm-serving/manifests";
import { blocksAlong, blocksAt, isList, type JsonObject, parseJson, textAt } from "../support/json";
import { RELEASE_CHECK } from "./control-plane/simulated-kubelet";
import { objects, tryKubectl } from "./kubectl";
import { readyEndpoints } from "./workload";

const POLL_MS = 500;

/**
 * Runs what releases, while release checks of the namespace succeed once each engine that they are to call has a ready pod
 * behind its Service. Those whose engines have none go on running, until Kubernetes or Helm ends them.
 */
export async function withReleaseChecks<Result>(namespace: string, work: () => Promise<Result>): Promise<Result> {
  const done = new AbortController();
  const answering = answerUntil(namespace, done.signal);
  try {
    return await work();
  } finally {
    done.abort();
    await answering;
  }
}

async function answerUntil(namespace: string, done: AbortSignal): Promise<void> {
  const running = ["--selector", RELEASE_CHECK, "--field-selector", "status.phase=Running"];
  while (!done.aborted) {
    for (const check of await objects("pods", "--namespace", namespace, ...running)) {
      if (await enginesAreReady(namespace, check)) await succeed(namespace, objectName(check));
    }
    await delay(POLL_MS, undefined, { signal: done }).catch(() => {});
  }
}

async function enginesAreReady(namespace: string, check: JsonObject): Promise<boolean> {
  const counts = calledServices(check).map(async (service) => (await readyEndpoints(namespace, service)).length);
  return (await Promise.all(counts)).every((count) => count > 0);
}

/** Hosts of the URLs in its variable. */
function calledServices(check: JsonObject): readonly string[] {
  const [variable] = blocksAlong(check, "spec", "containers", "env").filter(
    (each) => textAt(each, "name") === "ENGINES",
  );
  const engines = parseJson(variable === undefined ? "[]" : (textAt(variable, "value") ?? "[]"));
  if (!isList(engines) || engines.length === 0) throw new Error(`${objectName(check)} calls no engine`);
  return blocksAt({ engines }, "engines").map((engine) => new URL(textAt(engine, "url") ?? "").hostname);
}

async function succeed(namespace: string, pod: string): Promise<void> {
  const patch = JSON.stringify({ status: { phase: "Succeeded" } });
  await tryKubectl([
    "patch",
    "pod",
    pod,
    "--namespace",
    namespace,
    "--subresource=status",
    "--type=merge",
    "--patch",
    patch,
  ]);
}
