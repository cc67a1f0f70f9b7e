/** https://cloud.google.com/compute/docs/instances/provisioning-models */
export const PROVISIONING_MODELS = ["standard", "spot"] as const;
export type Provisioning = (typeof PROVISIONING_MODELS)[number];
