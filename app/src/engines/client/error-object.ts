/**
 * Text of an error that an engine sends with status 200, as an answer or as one of its chunks: OpenAI's and vLLM's
 * `{"error": {"message": …}}`, others' `{"error": "…"}`, `{"message": …}` and `{"detail": …}`. `undefined`: it is none.
 */
export function errorObjectText(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const isError = "error" in value && Boolean(value.error);
  const isMessage = !("choices" in value) && ("message" in value || "detail" in value);
  return isError || isMessage ? JSON.stringify(value) : undefined;
}
