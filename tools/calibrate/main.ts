// Fits an embedder's calibration to labelled texts: its corpus mean, and the thresholds that its cosines need.
// Usage: npm run calibrate -- [--embed-url URL --model NAME] [--statements FILE] [--out FILE]
// Without a URL, the built-in hashed n-grams. The key of the server, if it wants one, in EMBED_API_KEY.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ENV } from "../../app/src/contract/variables";
import { type CalibrationFile, encodeMean } from "../../app/src/retrieval/calibration";
import { fitCalibration } from "../../app/src/retrieval/calibration-fit";
import { HASHED_NGRAMS } from "../../app/src/retrieval/hashed-embedder";
import { HttpEmbedder } from "../../app/src/retrieval/http-embedder";
import { labelledTexts, statementsSchema } from "../../app/src/retrieval/labelled-pairs";

const CALIBRATIONS = join(__dirname, "../../app/src/retrieval/calibrations");

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      "embed-url": { type: "string" },
      model: { type: "string" },
      statements: { type: "string", default: join(CALIBRATIONS, "statements.json") },
      out: { type: "string" },
    },
  });
  const baseUrl = values["embed-url"];
  const server =
    baseUrl === undefined
      ? undefined
      : await HttpEmbedder.connect({ baseUrl, model: values.model, apiKey: process.env[ENV.embedApiKey] });
  const embedder = server ?? HASHED_NGRAMS;
  const texts = labelledTexts(statementsSchema.parse(JSON.parse(readFileSync(values.statements, "utf8"))));
  const vectors = await embedder.embed(
    texts.map(({ text }) => text),
    "passage",
  );
  const { mean, thresholds, figures } = fitCalibration(texts, vectors);
  const file: CalibrationFile = {
    embedder: embedder.id,
    source: `npm run calibrate, on ${texts.length} texts of ${values.statements.split("/").at(-1)}`,
    dim: embedder.dim,
    mean: encodeMean(mean),
    thresholds,
    figures,
  };
  const name = `${embedder.id.replace(/[^A-Za-z0-9.-]+/g, "-")}.json`;
  const out = values.out ?? join(CALIBRATIONS, name);
  writeFileSync(out, `${JSON.stringify(file, null, 2)}\n`);
  console.log(JSON.stringify({ embedder: embedder.id, thresholds, figures }, null, 2));
  console.log(`written to ${out}; a gateway also reads calibrations from DATA_DIR/calibrations`);
  await server?.close();
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
});
