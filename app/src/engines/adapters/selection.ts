import type { TaskThatIs } from "../../contract/tasks";
import type { Adapter } from "./adapter";

/** Whose text is to be written, and of which kind. */
export interface AdapterQuestion {
  readonly user: string;
  readonly domain: string;
  readonly task: TaskThatIs<"adapted">;
  /** An adapter requested by name. @default the active one of the user, else of the domain */
  readonly name?: string | undefined;
}

/**
 * Why the base model answers in an adapter's place:
 * - `unknown`: the adapter that was requested by name does not exist, is not active, or is another user's;
 * - `base_model`: the active adapter was trained on another model than the one that answers the task;
 * - `not_loaded`: the engine did not have it and did not load it in time;
 * - `failed`: the engine's answer under it could not be used;
 * - `registry`: the registry could not be read since this process started.
 */
export const FALLBACK_REASONS = ["unknown", "base_model", "not_loaded", "failed", "registry"] as const;

export type FallbackReason = (typeof FALLBACK_REASONS)[number];

/** Which adapter is to answer. */
export interface AdapterChoice {
  /** The engine's name of the adapter; null: the base model. */
  readonly name: string | null;
  readonly version: number | null;
  /** Set where an adapter was due and the base model answers. */
  readonly fallbackReason?: FallbackReason;
}

export const BASE_MODEL: AdapterChoice = { name: null, version: null };

function fallback(fallbackReason: FallbackReason): AdapterChoice {
  return { ...BASE_MODEL, fallbackReason };
}

/** The active adapters, found without a search. Never changes: a newer state is a new selection. */
export class Selection {
  readonly #byName = new Map<string, Adapter<"active">>();
  readonly #byPointer = new Map<string, Adapter<"active">>();

  constructor(active: readonly Adapter<"active">[]) {
    for (const adapter of active) {
      this.#byName.set(adapter.name, adapter);
      this.#byPointer.set(pointer(adapter.owner, adapter.domain), adapter);
    }
  }

  get active(): Iterable<Adapter<"active">> {
    return this.#byName.values();
  }

  find(name: string): Adapter<"active"> | undefined {
    return this.#byName.get(name);
  }

  /**
   * The user's active adapter for the domain, else the domain's own, else the base model.
   * @param baseModel name of the model that answers the task
   */
  choose({ user, domain, name }: Omit<AdapterQuestion, "task">, baseModel: string): AdapterChoice {
    if (name !== undefined) {
      const named = this.#byName.get(name);
      if (named === undefined || (named.owner !== null && named.owner !== user)) return fallback("unknown");
      return chosen(named, baseModel);
    }
    const own = this.#byPointer.get(pointer(user, domain));
    const shared = this.#byPointer.get(pointer(null, domain));
    const due = own?.baseModel === baseModel ? own : (shared ?? own);
    return due === undefined ? BASE_MODEL : chosen(due, baseModel);
  }
}

/** Before anything was read of the registry. */
export const UNREAD = fallback("registry");

function chosen(adapter: Adapter<"active">, baseModel: string): AdapterChoice {
  if (adapter.baseModel !== baseModel) return fallback("base_model");
  return { name: adapter.name, version: adapter.version };
}

/** A domain holds no slash, so that no owner can look like another pointer. */
function pointer(owner: string | null, domain: string): string {
  return owner === null ? domain : `${domain}/${owner}`;
}
