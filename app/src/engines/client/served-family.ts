import type { ControlTokens } from "./control-tokens";
import type { Endpoint } from "./endpoint";
import { EngineError } from "./engine-errors";
import { familyOf, type ModelFamily } from "./model-family";
import { ReasoningFilter } from "./reasoning";

/** The family of one served model: as its name says, until its engine or an answer shows something else. */
export class ServedFamily implements ModelFamily {
  readonly #name: () => string;
  #systemRole: boolean | undefined;
  #opensReasoning: boolean | undefined;

  /** @param name of the model, as it is known at the time */
  constructor(name: () => string) {
    this.#name = name;
  }

  get controlTokens(): ControlTokens {
    return familyOf(this.#name()).controlTokens;
  }

  get systemRole(): boolean {
    return this.#systemRole ?? familyOf(this.#name()).systemRole;
  }

  get opensReasoning(): boolean {
    return this.#opensReasoning ?? familyOf(this.#name()).opensReasoning;
  }

  /** For one streamed answer of the model. */
  reasoningFilter(): ReasoningFilter {
    return new ReasoningFilter({
      opened: this.opensReasoning,
      onOpened: (opened) => {
        this.#opensReasoning = opened;
      },
    });
  }

  /** Warms an endpoint up. Where it refuses the system message, and answers without, the model is sent none from now on. */
  async warmUp(endpoint: Endpoint, name: string, signal: AbortSignal): Promise<void> {
    try {
      await endpoint.warmUp(name, signal);
    } catch (thrown) {
      const refused =
        thrown instanceof EngineError && thrown.code === "ENGINE_BAD_REPLY" && thrown.verdict === "success";
      if (!refused || !this.systemRole) throw thrown;
      this.#systemRole = false;
      await endpoint.warmUp(name, signal).catch(() => {
        this.#systemRole = undefined;
        throw thrown;
      });
    }
  }
}
