/** Words of PromQL in places of a metric's name. Functions are recognized by the bracket that follows. */
const KEYWORDS = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan"]);

/** Names of the metrics that an expression reads, each once, in order; of a series query too. */
export function metricNames(promql: string): readonly string[] {
  const selected = [...promql.matchAll(/__name__="([^"]+)"/g)].map(([, name = ""]) => name);
  const bare = promql
    .replace(/<<[^>]*>>/g, "")
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\{[^}]*\}/g, "")
    .replace(/\[[^\]]*\]/g, "")
    .replace(/\boffset\s+\w+/g, "")
    // Lists of labels.
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, "");
  const words = [...bare.matchAll(/(?<![\w:$.])([a-zA-Z_:][\w:]*)(?!\s*\(|[\w:])/g)].map(([, word = ""]) => word);
  return [
    ...new Set([...selected, ...words.filter((word) => !KEYWORDS.has(word.toLowerCase()) && !isAggregation(word))]),
  ];
}

/** `sum by (…) (…)`: once the labels are gone, its bracket follows. Only a lone word is left here. */
function isAggregation(word: string): boolean {
  return ["avg", "count", "max", "min", "sum", "topk"].includes(word);
}
