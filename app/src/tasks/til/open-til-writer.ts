import type { FastifyBaseLogger } from "fastify";
import type { TaskParts } from "../shared/task-parts";
import { TilStore } from "../shared/til-store";
import { TIL_PROMPTS } from "./prompts/til-versions";
import { TilLibrary } from "./til-library";
import { TilWriter } from "./til-writer";

/** A writer whose TILs are kept and indexed; what could not be indexed is indexed later. */
export function openTilWriter(parts: TaskParts, log: Pick<FastifyBaseLogger, "warn">): TilWriter {
  const library = new TilLibrary({
    store: new TilStore(parts.database),
    index: parts.knowledge,
    onError: (what, cause) => {
      log.warn({ err: cause }, `a TIL could not be kept: ${what}`);
      if (what === "index") parts.reindex();
    },
  });
  return new TilWriter({
    ...parts,
    prompts: TIL_PROMPTS[parts.promptVersion],
    library,
    onSummaryError: (cause) =>
      log.warn({ err: cause }, "a file's change was not summarised: its answer could not be used"),
  });
}
