import type { SpanExporter } from "@opentelemetry/sdk-trace-node";
import { traceOutgoing } from "./trace-outgoing";

export interface OpenTracingOptions {
  /** OTLP/HTTP collector, e.g. `http://127.0.0.1:4318`. @default nothing is traced */
  readonly endpoint: string | undefined;
  /** Of this release. */
  readonly version: string;
  /** Where spans go. @default to the collector */
  readonly exporter?: SpanExporter | undefined;
}

/** Tracing of this process. */
export interface Tracing {
  readonly enabled: boolean;
  /** Sends the spans that are left; those that cannot be sent within the exporter's timeout are lost. */
  close(): Promise<void>;
}

/** Milliseconds that a batch of spans gets to be sent: shutting down waits for it. */
const EXPORT_TIMEOUT_MS = 3_000;

/**
 * Starts OpenTelemetry where a collector is configured; without one no SDK is loaded, and spans are no-ops. Everything is
 * recorded unless `OTEL_TRACES_SAMPLER`, which the SDK reads itself, samples. The sampling flag of a client's `traceparent`
 * wins.
 */
export async function openTracing({ endpoint, version, exporter }: OpenTracingOptions): Promise<Tracing> {
  if (endpoint === undefined) return { enabled: false, close: async () => {} };
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/sdk-trace-node"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  const url = `${endpoint}/v1/traces`;
  const sink = exporter ?? new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      "service.name": process.env.OTEL_SERVICE_NAME ?? "terrace-gateway",
      "service.version": version,
    }),
    spanProcessors: [new BatchSpanProcessor(sink)],
  });
  provider.register();
  const stop = traceOutgoing();
  return {
    enabled: true,
    async close() {
      stop();
      // A collector that is away must not keep the gateway from stopping.
      await provider.shutdown().catch(() => {});
    },
  };
}
