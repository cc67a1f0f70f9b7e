import { badRequest } from "./vllm-error";

/** Models whose chat template has no system role, by name. */
const WITHOUT_SYSTEM = /mistral|mixtral/i;

/**
 * Refuses what the chat template of the model raises an exception at, in its words (`tokenizer_config.json` of
 * TheBloke/Mistral-7B-Instruct-v0.2-GPTQ).
 * @throws VllmError 400
 */
export function checkRoles(model: string, messages: readonly { readonly role: string }[]): void {
  if (!WITHOUT_SYSTEM.test(model)) return;
  for (const [index, { role }] of messages.entries()) {
    if ((role === "user") !== (index % 2 === 0)) {
      throw badRequest("Conversation roles must alternate user/assistant/user/assistant/...");
    }
    if (role !== "user" && role !== "assistant") throw badRequest("Only user and assistant roles are supported!");
  }
}
