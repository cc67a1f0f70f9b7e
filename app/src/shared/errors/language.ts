import type { Language } from "./app-error";

/**
 * The language of error messages that an `Accept-Language` header prefers (RFC 9110 §12.5.4): Korean where it ranks
 * above English, otherwise English. A wildcard and other languages are ignored; equal weights go by order.
 */
export function preferredLanguage(header: string | undefined): Language {
  let best: { language: Language; weight: number } = { language: "en", weight: 0 };
  for (const item of (header ?? "").split(",")) {
    const [range = "", ...parameters] = item.trim().toLowerCase().split(";");
    const language = range.split("-")[0];
    if (language !== "ko" && language !== "en") continue;
    const quality = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith("q="));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    if (weight > best.weight) best = { language, weight };
  }
  return best.language;
}
