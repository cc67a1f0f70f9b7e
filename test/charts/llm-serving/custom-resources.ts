/**
 * Custom resources that the charts make, as far as they use them, from their documentation. Strict, because the API server
 * silently drops an unknown field of a custom resource.
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

const duration = z.string().regex(/^(?:0|[0-9]+(?:ms|s|m|h|d))$/);
const labelMap = z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string());

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule */
const prometheusRule = z.strictObject({
  apiVersion: z.literal("monitoring.coreos.com/v1"),
  kind: z.literal("PrometheusRule"),
  metadata,
  spec: z.strictObject({
    groups: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          rules: z.array(
            z.strictObject({
              record: z.string().optional(),
              alert: z.string().optional(),
              expr: z.string().min(1),
              for: duration.optional(),
              labels: labelMap.optional(),
              annotations: labelMap.optional(),
            }),
          ),
        }),
      )
      .min(1),
  }),
});

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Probe */
const probe = z.strictObject({
  apiVersion: z.literal("monitoring.coreos.com/v1"),
  kind: z.literal("Probe"),
  metadata,
  spec: z.strictObject({
    jobName: z.string(),
    interval: duration,
    module: z.string(),
    prober: z.strictObject({ url: z.string().regex(/^[a-z0-9.-]+:[0-9]+$/) }),
    targets: z.strictObject({ staticConfig: z.strictObject({ static: z.array(z.string()).min(1) }) }),
  }),
});

const secretKey = z.strictObject({ name: z.string(), key: z.string() });
const matcher = z.strictObject({ name: z.string(), value: z.string(), matchType: z.enum(["=", "!=", "=~", "!~"]) });
const timing = { groupWait: duration, groupInterval: duration, repeatInterval: duration };

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1alpha1.AlertmanagerConfig */
const alertmanagerConfig = z.strictObject({
  apiVersion: z.literal("monitoring.coreos.com/v1alpha1"),
  kind: z.literal("AlertmanagerConfig"),
  metadata,
  spec: z.strictObject({
    route: z.strictObject({
      receiver: z.string(),
      groupBy: z.array(z.string()),
      ...timing,
      routes: z.array(z.strictObject({ receiver: z.string(), matchers: z.array(matcher), ...timing })),
    }),
    inhibitRules: z.array(
      z.strictObject({
        sourceMatch: z.array(matcher),
        targetMatch: z.array(matcher),
        equal: z.array(z.string()),
      }),
    ),
    receivers: z.array(
      z.strictObject({
        name: z.string().min(1),
        slackConfigs: z
          .array(
            z.strictObject({
              apiURL: secretKey,
              channel: z.string(),
              sendResolved: z.boolean(),
              title: z.string(),
              text: z.string(),
            }),
          )
          .optional(),
        emailConfigs: z
          .array(
            z.strictObject({
              to: z.string(),
              from: z.string(),
              smarthost: z.string(),
              authUsername: z.string().optional(),
              authPassword: secretKey.optional(),
              requireTLS: z.boolean(),
              sendResolved: z.boolean(),
              headers: z.array(z.strictObject({ key: z.string(), value: z.string() })),
              text: z.string(),
            }),
          )
          .optional(),
      }),
    ),
  }),
});

/** File name by which kubeconform loads a schema → the schema. */
export const CUSTOM_RESOURCES = {
  "alertmanagerconfig-monitoring-v1alpha1": alertmanagerConfig,
  "backendconfig-cloud-v1": backendConfig,
  "frontendconfig-networking-v1beta1": frontendConfig,
  "managedcertificate-networking-v1": managedCertificate,
  "podmonitor-monitoring-v1": podMonitor,
  "probe-monitoring-v1": probe,
  "prometheusrule-monitoring-v1": prometheusRule,
} as const;
