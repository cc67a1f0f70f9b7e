import type { Activation } from "./activation";
import type { Adapter, AnyAdapter, PointerKey } from "./adapter";

/** An adapter as it is registered. */
export type NewAdapter = Omit<Adapter<"staged">, "id" | "status" | "createdAt">;

/** The active adapters at one moment. */
export interface Pointers {
  /** Grows with every move of any pointer; equal revisions mean equal pointers. */
  readonly revision: number;
  readonly active: readonly Adapter<"active">[];
}

/** A requested move of a pointer. */
export interface Flip extends PointerKey {
  readonly action: Activation["action"];
  readonly who: string;
  /** What the caller saw; the flip is refused when something else answers by now. */
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * Where adapters and the moves of their pointers are kept, shared by every gateway. Every method throws `AppError`
 * `STORE_UNAVAILABLE` while the store is away.
 */
export interface AdapterRepository {
  /** @returns undefined where the name, or the version of that owner and domain, is taken */
  register(adapter: NewAdapter): Promise<Adapter<"staged"> | undefined>;
  find(name: string): Promise<AnyAdapter | undefined>;
  /** Newest first. */
  list(): Promise<readonly AnyAdapter[]>;
  revision(): Promise<number>;
  pointers(): Promise<Pointers>;
  /** Moves of one pointer, oldest first. */
  history(pointer: PointerKey): Promise<readonly Activation[]>;
  /**
   * Moves a pointer in one transaction: the adapter that answered is retired, the new one active, the move recorded.
   * Moves happen one after the other over all gateways.
   * @returns undefined where `from` is not what answers, and nothing was changed
   */
  flip(flip: Flip): Promise<Activation | undefined>;
  /** Retires a staged adapter. @returns false where it is not staged any more */
  discard(name: string): Promise<boolean>;
}
