import { join } from "node:path";

/** What the rows may name. */
export interface Surroundings {
  /** Folder of both repositories and of the files of `hostileFiles`. */
  readonly home: string;
  /** Of the one that is read. */
  readonly head: string;
  readonly root: string;
  /** A commit without parents by which the root could be replaced. */
  readonly impostor: string;
}

export interface HostileConfiguration {
  /** Of the repository, `key=value`. */
  readonly local?: readonly string[];
  /** Files below its git directory. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Files in the home that the rows name. */
export const HOSTILE_FILES: Readonly<Record<string, string>> = {
  attributes: "* -diff\n",
  order: "*.md\n*.bin\n",
  "hostile.gitconfig": "[diff]\n\tnoprefix = true\n\tcontext = 0\n[log]\n\tshowRoot = false\n",
};

/** Exists once something was run. */
export function trapOf(home: string): string {
  return join(home, "trap");
}

const local =
  (...settings: readonly string[]) =>
  (): HostileConfiguration => ({ local: settings });
const running = (settings: (run: string) => readonly string[]) => (surroundings: Surroundings) => ({
  local: settings(`touch ${trapOf(surroundings.home)}`),
});
const environment =
  (variables: (at: (path: string) => string) => NodeJS.ProcessEnv) =>
  ({ home }: Surroundings): HostileConfiguration => ({ environment: variables((path) => join(home, path)) });

/**
 * Configurations of git. Many change what a plain `git log -p` prints, or run a program; the others do in another
 * version of git or with another history.
 */
export const HOSTILE_CONFIGURATIONS: Readonly<Record<string, (surroundings: Surroundings) => HostileConfiguration>> = {
  "diff.noprefix": local("diff.noprefix=true"),
  "diff.mnemonicPrefix": local("diff.mnemonicPrefix=true"),
  "diff.srcPrefix, dstPrefix": local("diff.srcPrefix=old/", "diff.dstPrefix=new/"),
  "diff.context": local("diff.context=0", "diff.interHunkContext=50"),
  "diff.algorithm": local("diff.algorithm=patience", "diff.indentHeuristic=false"),
  "diff.renames": local("diff.renames=false"),
  "diff.renames copies": local("diff.renames=copies"),
  "diff.renameLimit": local("diff.renameLimit=1", "merge.renameLimit=1"),
  "diff.orderFile": ({ home }) => ({ local: [`diff.orderFile=${join(home, "order")}`] }),
  "diff.suppressBlankEmpty": local("diff.suppressBlankEmpty=true"),
  "diff.relative": local("diff.relative=true"),
  "diff.submodule": local("diff.submodule=diff", "diff.ignoreSubmodules=all"),
  "diff.external": running((run) => [`diff.external=${run}`]),
  "diff.<driver>.binary": local("diff.own.binary=true"),
  "diff.<driver>.xfuncname": local("diff.own.xfuncname=^(two|four)"),
  "diff.<driver>.textconv": running((run) => [`diff.own.textconv=${run}; tr a-z A-Z <`, `diff.own.command=${run}`]),
  "merge.<driver>.driver": running((run) => [
    `merge.own.driver=${run}`,
    "merge.conflictStyle=diff3",
    "merge.renames=false",
  ]),
  "core.attributesFile": ({ home }) => ({ local: [`core.attributesFile=${join(home, "attributes")}`] }),
  "info/attributes": () => ({ files: { "info/attributes": "* -diff\n" } }),
  "core.quotePath": local("core.quotePath=true"),
  "core.abbrev": local("core.abbrev=40", "log.abbrevCommit=true"),
  "core.fsmonitor": running((run) => [`core.fsmonitor=${run}`, `core.sshCommand=${run}`, `core.hooksPath=/nowhere`]),
  "core.pager": running((run) => [`core.pager=${run}`, `pager.log=${run}`]),
  "core.bare": local("core.bare=true"),
  "log.showRoot": local("log.showRoot=false"),
  "log.diffMerges": local("log.diffMerges=first-parent"),
  "log.follow": local("log.follow=true", "log.decorate=full", "log.date=relative"),
  "log.mailmap": local("log.mailmap=false"),
  "log.showSignature": running((run) => ["log.showSignature=true", `gpg.program=${run}`]),
  "format.pretty": local("format.pretty=oneline", "format.notes=*"),
  "grep.patternType": local("grep.patternType=perl", "grep.extendedRegexp=true"),
  "i18n.logOutputEncoding": local("i18n.logOutputEncoding=EUC-KR", "i18n.commitEncoding=EUC-KR"),
  "color.ui": local("color.ui=always", "color.diff=always", "diff.colorMoved=zebra"),
  "replaced objects": ({ root, impostor }) => ({ files: { [`refs/replace/${root}`]: `${impostor}\n` } }),
  "info/grafts": ({ head }) => ({ files: { "info/grafts": `${head}\n` } }),
  "a global configuration": environment((at) => ({ GIT_CONFIG_GLOBAL: at("hostile.gitconfig") })),
  GIT_CONFIG_COUNT: environment(() => ({
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "diff.noprefix",
    GIT_CONFIG_VALUE_0: "true",
  })),
  GIT_CONFIG_PARAMETERS: environment(() => ({ GIT_CONFIG_PARAMETERS: "'diff.noprefix'='true'" })),
  "GIT_DIR of a hook": environment((at) => ({
    GIT_DIR: at("other/.git"),
    GIT_WORK_TREE: at("other"),
    GIT_INDEX_FILE: at("other/.git/index"),
    GIT_PREFIX: "",
  })),
  "GIT_DIR relative": environment(() => ({ GIT_DIR: "../../other/.git" })),
  GIT_OBJECT_DIRECTORY: environment((at) => ({
    GIT_OBJECT_DIRECTORY: at("other/.git/objects"),
    GIT_COMMON_DIR: at("other/.git"),
  })),
  GIT_EXTERNAL_DIFF: environment((at) => {
    const run = `touch ${at("trap")}`;
    return { GIT_EXTERNAL_DIFF: run, GIT_PAGER: run, GIT_SSH_COMMAND: run };
  }),
  GIT_DIFF_OPTS: environment(() => ({ GIT_DIFF_OPTS: "--unified=0" })),
  GIT_ATTR_SOURCE: environment(() => ({ GIT_ATTR_SOURCE: "HEAD", GIT_LITERAL_PATHSPECS: "1" })),
  GIT_NAMESPACE: environment(() => ({ GIT_NAMESPACE: "x", GIT_CEILING_DIRECTORIES: "/nowhere" })),
  GIT_TRACE: environment(() => ({ GIT_TRACE: "1", GIT_TRACE_SETUP: "1" })),
  "another locale": environment(() => ({ LANG: "ko_KR.EUC-KR", LANGUAGE: "ko", LC_MESSAGES: "ko_KR.EUC-KR" })),
};
