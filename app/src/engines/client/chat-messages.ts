import { withoutControlTokens } from "./control-tokens";
import type { ModelFamily } from "./model-family";
import type { ChatMessage } from "./protocol";

/** Messages as a model of the family may be sent them: see {@link withoutControlTokens} and {@link inRolesOf}. */
export function messagesFor(family: ModelFamily, messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const plain = messages.map(({ role, content }) => {
    return { role, content: withoutControlTokens(family.controlTokens, content) };
  });
  return inRolesOf(family, plain);
}

/**
 * Messages in roles that a model's chat template takes: without a system role, its message stands before the first of the
 * user's, an empty line between, as templates do it that have no turn for it (Gemma 3's).
 */
function inRolesOf({ systemRole }: ModelFamily, messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const [first, second, ...rest] = messages;
  if (systemRole || first?.role !== "system") return messages;
  if (second?.role !== "user") return [{ role: "user", content: first.content }, ...messages.slice(1)];
  return [{ role: "user", content: `${first.content}\n\n${second.content}` }, ...rest];
}
