/** Redaction in a thread of its own: 4 MB full of secrets take seconds, in which it would block the gateway's event loop. */
import { parentPort } from "node:worker_threads";
import { redactTexts } from "./redact-texts";

parentPort?.on("message", async ({ id, texts }: { readonly id: number; readonly texts: readonly string[] }) => {
  try {
    parentPort?.postMessage({ id, ...(await redactTexts(texts)) });
  } catch (thrown) {
    // Never the message: it could quote the text.
    parentPort?.postMessage({ id, error: thrown instanceof Error ? thrown.name : "unknown" });
  }
});
