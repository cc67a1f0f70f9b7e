import type { Environment } from "./environment";

/** Where the embedding server answers, as firewalls want it; `undefined` where there is none. */
export function embeddingEndpoint({
  settings: { embeddings },
}: Environment): { readonly range: string; readonly port: number } | undefined {
  if (embeddings === null) return undefined;
  const { protocol, port } = new URL(embeddings.url);
  const usual = protocol === "https:" ? 443 : 80;
  return { range: embeddings.range, port: port === "" ? usual : Number(port) };
}
