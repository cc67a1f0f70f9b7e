import { z } from "zod";

/**
 * `staged`: registered, answers no request. `active`: answers for its owner or for its whole domain. `retired`: served once
 * or was never wanted; may be activated again.
 */
export type AdapterStatus = "staged" | "active" | "retired";

/** A LoRA adapter: weights that change one base model's answers, for one user or for everybody, in one domain. */
export interface Adapter<Status extends AdapterStatus> {
  readonly id: string;
  /** The engine's name of it. Holds the version, so that two versions are loaded side by side and a flip is atomic. */
  readonly name: string;
  /** Model that it was trained on, as the engine serves it. */
  readonly baseModel: string;
  /** From 1. */
  readonly version: number;
  /** Where its folder lies, see `adapter-uri.ts`. */
  readonly uri: string;
  /**
   * SHA-256 of `adapter_model.safetensors` in lowercase hex. Recorded, not verified here: a gateway never sees the
   * weights. The script that copies them to the engines' disks checks them.
   */
  readonly sha256: string;
  /** User whose requests it answers; null: everybody's who has none of their own. */
  readonly owner: string | null;
  readonly domain: string;
  readonly status: Status;
  readonly createdAt: Date;
}

/** An adapter in any state, discriminated by `status`. */
export type AnyAdapter = { [Status in AdapterStatus]: Adapter<Status> }[AdapterStatus];

/** Every state that may follow a state. What is not here does not compile. */
export const TRANSITIONS = {
  staged: ["active", "retired"],
  active: ["retired"],
  retired: ["active"],
} as const satisfies Record<AdapterStatus, readonly AdapterStatus[]>;

type Previous<To extends AdapterStatus> = {
  [From in AdapterStatus]: To extends (typeof TRANSITIONS)[From][number] ? From : never;
}[AdapterStatus];

/** States that may follow whichever of the given ones it is. */
type Next<From extends AdapterStatus> = {
  [To in AdapterStatus]: [From] extends [Previous<To>] ? To : never;
}[AdapterStatus];

/** The adapter in its next state. */
export function transition<From extends AdapterStatus, To extends Next<From>>(
  adapter: Adapter<From>,
  to: To,
): Adapter<To> {
  return { ...adapter, status: to };
}

/** What a pointer is for: a user's domain, or with owner null everybody's. */
export interface PointerKey {
  readonly owner: string | null;
  readonly domain: string;
}

/**
 * vLLM joins a requested model's name to a path unsanitised: nothing that could leave a folder is a name. Source: R-50.
 */
export const ADAPTER_NAME = /^[a-z0-9-]{1,64}$/;

const NAME_RULE = "must be 1 to 64 lowercase letters, digits and hyphens";

/** An adapter's name as a client writes it. */
export const adapterNameSchema = z.string({ error: NAME_RULE }).regex(ADAPTER_NAME, { error: NAME_RULE });

/** A kind of text that adapters are trained for, e.g. `commit` or `paper`. */
export const domainSchema = z.string({ error: NAME_RULE }).regex(ADAPTER_NAME, { error: NAME_RULE });
