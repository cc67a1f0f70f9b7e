import type { CheckResult, HealthCheck } from "../operations/health/health-check";
import type { RemoteStore, StoreName, Stores } from "../stores/open-stores";

/** Whether the stores that are servers answer. */
export function storeChecks({ remote }: Pick<Stores, "remote">): HealthCheck[] {
  return [...remote].map(([name, store]) => ({ name, check: () => checkStore(name, store) }));
}

async function checkStore(name: StoreName, store: RemoteStore): Promise<CheckResult> {
  try {
    await store.check();
    return { ok: true, reason: `${name} answers` };
  } catch (thrown) {
    if (!store.hangs) throw thrown;
    return { ok: false, reason: `${name} hangs: nothing is sent to it until it answers a probe` };
  }
}
