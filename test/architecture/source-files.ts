/** The repository's own TypeScript. */
import { projectFiles, readProjectFile } from "../docs/files";

/** A source file with its text. */
export interface SourceFile {
  /** Path from the repository's root, such as `stacks/edge.ts`. */
  readonly path: string;
  readonly text: string;
}

export function sourceFiles(): readonly SourceFile[] {
  const paths = projectFiles().filter((path) => /\.tsx?$/.test(path));
  return paths.map((path) => ({ path, text: readProjectFile(path) }));
}
