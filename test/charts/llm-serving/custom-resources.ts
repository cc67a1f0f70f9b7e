/**
 * Custom resources that the chart makes, as far as it uses them, from their documentation. Strict, because the API server
 * drops an unknown field of a custom resource without a word.
 */
import { z } from "zod";

const metadata = z.strictObject({
  name: z.string().regex(/^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/** Seconds of a health check of Google Cloud. */
const seconds = z.int().min(1).max(300);

/** https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration#configuring_ingress_features_through_backendconfig_parameters */
const backendConfig = z.strictObject({
  apiVersion: z.literal("cloud.google.com/v1"),
  kind: z.literal("BackendConfig"),
  metadata,
  spec: z.strictObject({
    timeoutSec: z.int().min(1).max(2_147_483_647).optional(),
    connectionDraining: z.strictObject({ drainingTimeoutSec: z.int().min(0).max(3600) }).optional(),
    healthCheck: z
      .strictObject({
        type: z.enum(["HTTP", "HTTPS", "HTTP2"]),
        requestPath: z.string().startsWith("/"),
        port: z.int().min(1).max(65535),
        checkIntervalSec: seconds.optional(),
        timeoutSec: seconds.optional(),
        healthyThreshold: z.int().min(1).max(10).optional(),
        unhealthyThreshold: z.int().min(1).max(10).optional(),
      })
      .optional(),
    securityPolicy: z.strictObject({ name: z.string() }).optional(),
  }),
});

/** https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration#configuring_ingress_features_through_frontendconfig_parameters */
const frontendConfig = z.strictObject({
  apiVersion: z.literal("networking.gke.io/v1beta1"),
  kind: z.literal("FrontendConfig"),
  metadata,
  spec: z.strictObject({
    sslPolicy: z.string().optional(),
    redirectToHttps: z
      .strictObject({
        enabled: z.boolean(),
        responseCodeName: z.enum([
          "MOVED_PERMANENTLY_DEFAULT",
          "FOUND",
          "SEE_OTHER",
          "TEMPORARY_REDIRECT",
          "PERMANENT_REDIRECT",
        ]),
      })
      .optional(),
  }),
});

/** https://cloud.google.com/kubernetes-engine/docs/how-to/managed-certs */
const managedCertificate = z.strictObject({
  apiVersion: z.literal("networking.gke.io/v1"),
  kind: z.literal("ManagedCertificate"),
  metadata,
  spec: z.strictObject({
    domains: z
      .array(
        z
          .string()
          .regex(/^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/)
          .max(63),
      )
      .min(1)
      .max(100),
  }),
});

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor */
const podMonitor = z.strictObject({
  apiVersion: z.literal("monitoring.coreos.com/v1"),
  kind: z.literal("PodMonitor"),
  metadata,
  spec: z.strictObject({
    selector: z.strictObject({ matchLabels: z.record(z.string(), z.string()) }),
    podTargetLabels: z.array(z.string()).optional(),
    podMetricsEndpoints: z
      .array(
        z.strictObject({
          port: z.string(),
          path: z.string().startsWith("/"),
          interval: z.string().regex(/^[0-9]+(?:ms|s|m)$/),
        }),
      )
      .min(1),
  }),
});

/** File name by which kubeconform asks for a schema → the schema. */
export const CUSTOM_RESOURCES = {
  "backendconfig-cloud-v1": backendConfig,
  "frontendconfig-networking-v1beta1": frontendConfig,
  "managedcertificate-networking-v1": managedCertificate,
  "podmonitor-monitoring-v1": podMonitor,
} as const;
