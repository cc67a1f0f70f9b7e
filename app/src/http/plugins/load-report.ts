import fastifyPlugin from "fastify-plugin";
import { LOAD_REPORT } from "../../contract/endpoints";
import type { ModelPool } from "../../engines/client/model-pool";
import type { GpuUtilization } from "../../operations/load/gpu-utilization";

/** The header that reports the machine's load, for a load balancer that fills machines by custom metrics. */
export type LoadHeader = () => Readonly<Record<string, string>>;

export function loadHeader(models: ModelPool, gpu: GpuUtilization): LoadHeader {
  return () => ({
    [LOAD_REPORT.header]: `JSON ${JSON.stringify({ named_metrics: namedMetrics(models, gpu) })}`,
  });
}

/** Reports the machine's load with every answer that Fastify sends; streams past it bring the header themselves. */
export const loadReport = fastifyPlugin<{ readonly header: LoadHeader }>(
  async (app, { header }) => {
    app.addHook("onSend", async (_request, reply) => {
      reply.headers(header());
    });
  },
  { name: "load-report" },
);

function namedMetrics(models: ModelPool, gpu: GpuUtilization): Readonly<Record<string, number>> {
  const fills = models.models.map(({ inFlight, slots }) => (slots === 0 ? 0 : inFlight / slots));
  const queueFill = { [LOAD_REPORT.queueFill]: round(Math.max(0, ...fills)) };
  return gpu.value === undefined ? queueFill : { ...queueFill, [LOAD_REPORT.gpuUtilization]: round(gpu.value) };
}

/** Two digits: finer steps mean nothing to a balancer. */
function round(share: number): number {
  return Math.round(share * 100) / 100;
}
