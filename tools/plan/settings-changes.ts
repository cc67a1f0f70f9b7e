import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ApplyOrder } from "./apply-order";
import { inParallel } from "./in-parallel";
import { planFile } from "./plan-file";
import { type PriorState, priorState } from "./prior-state";
import { type ResourceChange, resourceChanges } from "./resource-changes";
import { needsCluster, type StackFile } from "./stack-files";
import { prepareFolder } from "./stack-folder";
import type { Diagnostic, Terraform } from "./terraform";

/** What changed settings do to one stack. */
export type StackChange =
  | {
      readonly stack: string;
      readonly outcome: "planned";
      readonly changes: readonly ResourceChange[];
      /** Empty where nothing is destroyed. */
      readonly order: ApplyOrder;
    }
  /** Terraform refuses it, before anything is changed. */
  | { readonly stack: string; readonly outcome: "failed"; readonly diagnostics: readonly Diagnostic[] }
  /** Its JSON differs, and it cannot be planned without a cluster. */
  | { readonly stack: string; readonly outcome: "differs"; readonly reason: string }
  /** The settings have it no longer: its resources stay, and no plan mentions them. */
  | { readonly stack: string; readonly outcome: "left" };

/** Plans changes of settings against the state that the settings before would have left, without a cloud. */
export class SettingsChanges {
  private readonly priors = new Map<string, Promise<PriorState>>();
  private readonly terraform: Terraform;
  private readonly folder: string;

  /** @param folder that states and plans are made in */
  constructor(terraform: Terraform, folder: string) {
    this.terraform = terraform;
    this.folder = folder;
  }

  /** Changes of the stacks whose Terraform JSON differs. */
  between(before: readonly StackFile[], after: readonly StackFile[]): Promise<readonly StackChange[]> {
    const old = new Map(before.map((stack) => [stack.id, stack]));
    const left = before.filter(({ id }) => after.every((stack) => stack.id !== id));
    const changed = after.filter((stack) => textOf(stack) !== textOf(old.get(stack.id)));
    return inParallel([...changed, ...left], (stack) =>
      left.includes(stack)
        ? Promise.resolve({ stack: stack.id, outcome: "left" })
        : this.changeOf(stack, old.get(stack.id)),
    );
  }

  /** The change of one stack. @param before `undefined` where there was none */
  async changeOf(stack: StackFile, before: StackFile | undefined): Promise<StackChange> {
    const { id } = stack;
    const reason = needsCluster(stack);
    if (reason !== undefined) return { stack: id, outcome: "differs", reason };
    const prior = before === undefined ? { state: undefined } : await this.priorOf(before);
    if ("diagnostics" in prior) return { stack: id, outcome: "failed", diagnostics: prior.diagnostics };
    const folder = join(this.folder, "after", id);
    prepareFolder(folder, stack, prior.state);
    for (const command of [() => this.terraform.init(folder), () => this.terraform.plan(folder, PLAN)]) {
      const run = await command();
      if (!run.succeeded) return { stack: id, outcome: "failed", diagnostics: run.diagnostics };
    }
    const changes = resourceChanges(planFile.parse(await this.terraform.show(folder, PLAN)));
    const ordered = changes.some(({ action }) => action === "replace" || action === "destroy");
    const order = new ApplyOrder(ordered ? await this.terraform.graph(folder, PLAN) : "");
    return { stack: id, outcome: "planned", changes, order };
  }

  /** Made once for each Terraform JSON. */
  private priorOf(stack: StackFile): Promise<PriorState> {
    const text = textOf(stack);
    const folder = join(this.folder, "before", `${stack.id}-${this.priors.size}`);
    const prior = this.priors.get(text) ?? priorState(this.terraform, stack, folder);
    this.priors.set(text, prior);
    return prior;
  }
}

const PLAN = "changes.plan";

function textOf(stack: StackFile | undefined): string {
  return stack === undefined ? "" : readFileSync(stack.path, "utf8");
}
