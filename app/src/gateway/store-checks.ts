import type { HealthCheck } from "../operations/health/health-check";
import type { Stores } from "../stores/open-stores";

/** Whether the stores that are servers answer. */
export function storeChecks({ remote }: Pick<Stores, "remote">): HealthCheck[] {
  return [...remote].map(([name, ask]) => ({
    name,
    check: async () => {
      await ask();
      return { ok: true, reason: `${name} answers` };
    },
  }));
}
