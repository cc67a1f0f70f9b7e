import { mkdirSync } from "node:fs";
import { App } from "cdktf";
import { addEnvironment, withoutCreationTraces } from "../../main";
import type { Settings } from "../../settings/schema/settings";

/** Synthesizes one environment into a folder, through the wiring and the validations of the program itself. */
export function synthesize(settings: Settings, outdir: string): void {
  mkdirSync(outdir, { recursive: true });
  withoutCreationTraces(() => {
    const app = new App({ outdir });
    addEnvironment(app, settings);
    app.synth();
  });
}
