import type { Filter } from "../../retrieval/filter";
import type { ContextQuery } from "../../retrieval/passage";
import type { TilMaterial } from "./prompts/til-prompts";

/** Characters of a query: embedders read 512 tokens at most, ko-sbert-multitask 128. */
const QUERY_CHARS = 1_000;

/**
 * What to look for among the user's earlier notes: the commits' messages, then the paths of their files; of other domains
 * the text's beginning. Only notes of the same domain and language, and for commits of the same repositories.
 */
export function tilQuery({ user, domain, language, repositories, text }: TilMaterial): ContextQuery {
  const filters: Filter[] = [
    { field: "domain", equals: domain },
    { field: "language", equals: language },
  ];
  if (text !== undefined) {
    const beginning = text.body.trimStart().slice(0, QUERY_CHARS);
    return { user, text: `${text.title ?? ""}\n${beginning}`.trim().slice(0, QUERY_CHARS), filter: { and: filters } };
  }
  const files = repositories.flatMap((repository) => repository.files);
  const subjects = new Set(files.flatMap((file) => file.subjects));
  const said = [...subjects, ...files.map(({ filepath }) => filepath)].filter((line) => line !== "");
  filters.push({ field: "repo", in: repositories.map(({ name }) => name) });
  return { user, text: said.join("\n").slice(0, QUERY_CHARS), filter: { and: filters } };
}
