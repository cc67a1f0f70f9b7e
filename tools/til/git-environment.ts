/** English messages, no question at the terminal, no lock for a mere refresh. */
const QUIET = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0" };

/** Where git looks for a repository, and the configuration in which its user declares one safe. */
const FINDS = /^GIT_(?:CONFIG_\w+|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/;

/**
 * For the questions that only the user's own git can answer: which repository, whether it is safe, who the user is.
 * Hooks and `rebase --exec` run with GIT_DIR, GIT_INDEX_FILE and others of another repository: they are dropped.
 */
export function finding(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith("GIT_") || FINDS.test(name));
  return { ...Object.fromEntries(kept), ...QUIET };
}

/** A git directory and, but for a bare repository, the work tree whose `.gitattributes` and `.mailmap` count. */
export interface ReadingPlace {
  readonly home: string;
  readonly gitDirectory: string;
  readonly workTree: string | undefined;
}

/** For reading: nobody's configuration, neither the system's, the user's, the repository's nor the environment's. */
export function reading(environment: NodeJS.ProcessEnv, place: ReadingPlace): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith("GIT_"));
  return {
    ...Object.fromEntries(kept),
    ...QUIET,
    HOME: place.home,
    XDG_CONFIG_HOME: place.home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_DIR: place.gitDirectory,
    ...(place.workTree !== undefined && { GIT_WORK_TREE: place.workTree }),
  };
}
