import { added, type Edits, edited, type Planted, type Where } from "../../support/edit";
import { blocksAt, type JsonObject, textAt } from "../../support/json";
import { resourcesIn } from "../../support/stack-view";
import { environment } from "../../support/synthesized";

/** A mistake that a rule must catch, and how it is planted. */
export interface Plant {
  readonly rule: string;
  readonly mistake: string;
  /** Environment that it is planted into. */
  readonly into: string;
  readonly plant: () => Planted;
}

/** The machine whose boot is changed. */
export const GPU: Where = { name: "llm-vm-1" };

/** Edits one resource of production. */
export function edit(rule: string, mistake: string, type: string, edits: Edits, where?: Where): Plant {
  return editIn("production", rule, mistake, type, edits, where);
}

/** Edits one resource of an environment. */
export function editIn(into: string, rule: string, mistake: string, type: string, edits: Edits, where?: Where): Plant {
  return { rule, mistake, into, plant: () => edited(environment(into), type, edits, where) };
}

/** Adds a resource to a stack of production. */
export function add(rule: string, mistake: string, kind: string, type: string, body: JsonObject): Plant {
  return { rule, mistake, into: "production", plant: () => added(environment("production"), kind, type, body) };
}

/** Changes what a machine is told at boot. */
export function bootText(rule: string, mistake: string, from: string | RegExp, to: string): Plant {
  const plant = () => {
    const production = environment("production");
    const machine = resourcesIn(production, "google_compute_instance").find(({ body }) => body.name === GPU.name);
    const text = textAt(blocksAt(machine?.body ?? {}, "metadata")[0] ?? {}, "user-data") ?? "";
    const changed = text.replaceAll(new RegExp(from, "g"), to);
    if (changed === text) throw new Error(`user-data has no ${from}`);
    return edited(production, "google_compute_instance", { "metadata.user-data": changed }, GPU);
  };
  return { rule, mistake, into: "production", plant };
}
