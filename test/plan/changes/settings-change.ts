import type { SettingsInput } from "../../../settings/schema/settings";
import type { StackKind } from "../../../stacks/terrace-stack";

/** A change of settings, and what an apply of it may do: no more than it must. */
export interface SettingsChange {
  /** As a sentence. */
  readonly change: string;
  readonly before: SettingsInput;
  readonly after: SettingsInput;
  /** What happens, by stack; the others' Terraform JSON is the same. */
  readonly expected: Readonly<Partial<Record<StackKind, readonly string[]>>>;
  /** Steps of which the first has ended when the second begins. @default none is asserted */
  readonly order?: readonly (readonly [first: string, second: string])[];
}

/** Of the stacks that are planned with a cluster only, it is known that their JSON differs. */
export const DIFFERS = ["differs, and is not planned: needs a cluster: uses the helm and kubernetes provider"];

/** Of stacks that the settings have no longer. */
export const LEFT = ["the settings have it no longer: its resources stay, and no plan shows them"];
