import { once } from "node:events";
import { createServer } from "node:http";
import type { LocalTarget } from "../start/monitor/prometheus-config";

/** Engine of which a stand-in GPU tells. */
export interface StandInEngine {
  /** Label `instance` of its series. */
  readonly instance: string;
  /** Without a slash at its end. */
  readonly url: string;
}

export interface StandIns {
  readonly targets: readonly LocalTarget[];
  readonly close: () => void;
}

const HOST = "127.0.0.1";
/** An L4's framebuffer as DCGM counts it, MiB, and vLLM's share of it. Source: infrastructure specification §1 (0.90). */
const FRAMEBUFFER_MIB = 23_034;
const ENGINE_SHARE = 0.9;
/** Requests that keep an L4 busy all the time: with fewer, some steps wait for the next one. */
const BUSY_REQUESTS = 12;
/** Draw at rest and at full work. Source: an L4's own `nvidia-smi -q`. */
const WATTS = { idle: 17, full: 72 };
const CELSIUS = { idle: 41, full: 74 };
const DAY_SECONDS = 86_400;

/** Requests on an engine, by its own count; none where it does not answer. */
async function runningRequests(url: string): Promise<number> {
  const page = await fetch(`${url}/metrics`)
    .then((answer) => answer.text())
    .catch(() => "");
  return [...page.matchAll(/^vllm:num_requests_running\{[^}]*\} (\S+)$/gm)].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );
}

/** What DCGM would say of an L4 under so many requests. */
export function standInGpu(running: number, instance: string): string {
  const busy = Math.min(1, running / BUSY_REQUESTS);
  const used = FRAMEBUFFER_MIB * ENGINE_SHARE;
  const values = {
    DCGM_FI_DEV_GPU_UTIL: Math.round(100 * busy ** 0.5),
    DCGM_FI_DEV_FB_USED: Math.round(used),
    DCGM_FI_DEV_FB_FREE: Math.round(FRAMEBUFFER_MIB - used),
    DCGM_FI_PROF_PIPE_TENSOR_ACTIVE: 0.35 * busy,
    DCGM_FI_PROF_DRAM_ACTIVE: 0.8 * busy ** 0.5,
    DCGM_FI_DEV_POWER_USAGE: WATTS.idle + (WATTS.full - WATTS.idle) * busy ** 0.5,
    DCGM_FI_DEV_GPU_TEMP: Math.round(CELSIUS.idle + (CELSIUS.full - CELSIUS.idle) * busy ** 0.5),
    DCGM_FI_DEV_XID_ERRORS: 0,
  };
  const labels = `gpu="0",UUID="GPU-${instance}",modelName="NVIDIA L4",Hostname="${instance}"`;
  return lines(Object.entries(values).map(([name, value]) => `${name}{${labels}} ${value}`));
}

/** A public address that answers, with a certificate of ninety days of which thirty are gone. */
function standInProbe(): string {
  const expiry = Math.floor(Date.now() / 1_000) + 60 * DAY_SECONDS;
  return lines(["probe_success 1", `probe_ssl_earliest_cert_expiry ${expiry}`]);
}

/** A cluster with an autoscaler of engines that has more pods the more they do. */
function standInCluster(running: number): string {
  const pods = Math.max(2, Math.min(6, Math.ceil(running / BUSY_REQUESTS)));
  const autoscaler = 'namespace="llm-serving",horizontalpodautoscaler="engine-0"';
  return lines([
    `kube_horizontalpodautoscaler_status_current_replicas{${autoscaler}} ${pods}`,
    `kube_horizontalpodautoscaler_spec_min_replicas{${autoscaler}} 2`,
    `kube_horizontalpodautoscaler_spec_max_replicas{${autoscaler}} 20`,
    ...Array.from({ length: pods }, (_, index) => {
      const pod = `namespace="llm-serving",pod="engine-0-${index}",uid="${index}"`;
      return `kube_pod_status_phase{${pod},phase="Running"} 1\nkube_pod_container_status_restarts_total{${pod},container="engine"} 0`;
    }),
  ]);
}

function lines(of: readonly string[]): string {
  return `${of.join("\n")}\n`;
}

/**
 * Answers in the place of what a machine without a GPU, a cluster and a public address cannot have: DCGM's exporter of
 * each engine, kube-state-metrics and the prober. What GPUs and pods do follows from what the engines do.
 */
export async function startStandIns(engines: readonly StandInEngine[]): Promise<StandIns> {
  const pages: Readonly<Record<string, () => Promise<string>>> = {
    "/site": async () => standInProbe(),
    "/cluster": async () => {
      const running = await Promise.all(engines.map(({ url }) => runningRequests(url)));
      return standInCluster(running.reduce((sum, each) => sum + each, 0));
    },
    ...Object.fromEntries(
      engines.map(({ instance, url }) => [
        `/dcgm/${instance}`,
        async () => standInGpu(await runningRequests(url), instance),
      ]),
    ),
  };
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ""];
    response.setHeader("content-type", "text/plain; version=0.0.4");
    if (page === undefined) return void response.writeHead(404).end();
    void page().then((body) => response.end(body));
  });
  server.listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no TCP port.");
  const target = (job: string, instance: string, path: string): LocalTarget => ({
    ...{ job, instance, path },
    address: `${HOST}:${address.port}`,
  });
  return {
    targets: [
      target("site", "api.example.com", "/site"),
      target("kube-state-metrics", "cluster", "/cluster"),
      ...engines.map(({ instance }) => target("dcgm", instance, `/dcgm/${instance}`)),
    ],
    close: () => server.close(),
  };
}
