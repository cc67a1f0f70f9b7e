import { z } from "zod";
import { identifier } from "../../http/routes/identifier";

const patchSchema = z.object({
  commit_message: z.string(),
  patch: z.string().describe("Unified diff; one of several files is taken apart"),
});

const pathSchema = z.string().min(1).max(1_000);

const fileSchema = z.object({
  filepath: pathSchema,
  latest_code: z.string().optional().describe("Used where there is no patch"),
  patches: z.array(patchSchema).default([]),
});

const commitSchema = z.object({
  message: z.string(),
  sha: z.string().optional(),
  files: z.array(z.object({ filepath: pathSchema, patch: z.string() })).default([]),
});

/** In JSON Schema: a list that is there and holds something. */
function nonEmpty(list: string) {
  return { type: "object", required: [list], properties: { [list]: { type: "array", items: {}, minItems: 1 } } };
}

/**
 * What changed in a repository. Unknown fields in here are ignored: clients pass on what their Git host sent. At the top
 * of a body they are typing errors.
 */
export const repositorySchema = z
  .object({
    name: identifier(200),
    branch: z.string().max(250).optional(),
    files: z.array(fileSchema).max(500).optional(),
    commits: z.array(commitSchema).max(200).optional(),
  })
  .refine(({ files = [], commits = [] }) => files.length + commits.length > 0, {
    error: "files or commits must hold at least one entry",
    path: ["files"],
  })
  .meta({ anyOf: [nonEmpty("files"), nonEmpty("commits")] });
