import fastifyPlugin from "fastify-plugin";
import { LOAD_REPORT } from "../contract";
import type { ModelPool } from "../engine/model-pool";
import type { GpuUtilization } from "../load/gpu-utilization";

export interface LoadReportOptions {
  readonly models: ModelPool;
  readonly gpu: GpuUtilization;
}

/** Reports the machine's load with every answer, for a load balancer that fills machines by custom metrics. */
export const loadReport = fastifyPlugin<LoadReportOptions>(
  async (app, { models, gpu }) => {
    app.addHook("onSend", async (_request, reply) => {
      reply.header(LOAD_REPORT.header, `JSON ${JSON.stringify({ named_metrics: namedMetrics(models, gpu) })}`);
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
