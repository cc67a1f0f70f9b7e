/** How Google provisions a VM: `spot` costs a fraction and may be reclaimed. https://cloud.google.com/compute/docs/instances/provisioning-models */
export const PROVISIONING_MODELS = ["standard", "spot"] as const;
export type Provisioning = (typeof PROVISIONING_MODELS)[number];
