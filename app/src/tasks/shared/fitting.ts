import { AppError } from "../../shared/errors/app-error";
import type { FittedPrompt } from "./prompts/prompt";

/**
 * Shares of the budget that are tried in turn. Prompts are cut by estimated tokens, which are Gemma's; a model with a
 * smaller vocabulary takes up to 1.4 times as many for code and Hangul, hence 0.7, and 0.5 for what is stranger still.
 */
const SHARES = [0.7, 0.5] as const;

/**
 * Asks with a prompt, and where the engine finds it longer than its context, with a shorter one: the material is there
 * to be cut, and a refusal costs the engine nothing.
 * @param first rendered with the whole budget
 * @throws AppError 422 PROMPT_TOO_LONG where half the budget is still too long; whatever else `ask` throws
 */
export async function askFitting<Answer>(
  first: FittedPrompt,
  budgetTokens: number,
  render: (budgetTokens: number) => FittedPrompt,
  ask: (prompt: FittedPrompt) => Promise<Answer>,
): Promise<{ readonly answer: Answer; readonly cut: boolean }> {
  let prompt = first;
  for (const share of SHARES) {
    try {
      return { answer: await ask(prompt), cut: prompt.cut };
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "PROMPT_TOO_LONG") throw thrown;
      prompt = render(Math.floor(budgetTokens * share));
    }
  }
  return { answer: await ask(prompt), cut: prompt.cut };
}
