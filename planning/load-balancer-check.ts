/**
 * Three failures take a VM out after 15 s; two successes bring it back. Source: R-10; Google's defaults are 5 s, 5 s, 2
 * and 2 (https://cloud.google.com/load-balancing/docs/health-check-concepts).
 */
export const HEALTH_CHECK = {
  intervalSeconds: 5,
  timeoutSeconds: 3,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
} as const;
