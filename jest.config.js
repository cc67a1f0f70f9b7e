// Helm, promtool and kubeconform run for a second: most of what they collect would be gone with them anyway.
process.env.GOGC ??= "400";

/** TypeScript by swc, without type checks: `tsc` does those, once for everything. */
const transform = {
  "^.+\\.ts$": [
    "@swc/jest",
    { jsc: { target: "es2023", parser: { syntax: "typescript" } }, module: { type: "commonjs" }, sourceMaps: "inline" },
  ],
  "^.+\\.tsx$": [
    "@swc/jest",
    {
      jsc: {
        target: "es2023",
        parser: { syntax: "typescript", tsx: true },
        transform: { react: { runtime: "automatic" } },
      },
      module: { type: "commonjs" },
      sourceMaps: "inline",
    },
  ],
};

/** What every project shares. Build output and synthesized stacks hold copies of package.json, which confuse haste. */
const base = {
  rootDir: __dirname,
  testEnvironment: "node",
  transform,
  modulePathIgnorePatterns: ["<rootDir>/.build/", "<rootDir>/cdktf.out/", "<rootDir>/out/", "<rootDir>/app/dist/"],
};

/** For tests of cdktf's constructs; what else they load is the same. */
const infrastructure = { ...base, runtime: "<rootDir>/testing/jest-runtime.cjs" };

/** @type {import("jest").Config} */
module.exports = {
  projects: [
    {
      ...infrastructure,
      displayName: "infra",
      testMatch: [
        "<rootDir>/test/{planning,settings,environment,observability,constructs,charts,boot,support,architecture,docs,testing,tools}/**/*.test.ts",
      ],
    },
    {
      ...infrastructure,
      displayName: "stacks",
      testMatch: ["<rootDir>/test/{stacks,graph,policy}/**/*.test.ts"],
      // Every environment is synthesized once for all of these, not once per file.
      globalSetup: "<rootDir>/test/support/synthesize-environments.ts",
      globalTeardown: "<rootDir>/test/support/remove-synthesized.ts",
    },
    {
      ...base,
      displayName: "plan",
      testMatch: ["<rootDir>/test/plan/**/*.test.ts"],
      globalSetup: "<rootDir>/test/plan/prepare-plans.ts",
      globalTeardown: "<rootDir>/test/support/remove-synthesized.ts",
    },
    {
      ...base,
      displayName: "image",
      testMatch: ["<rootDir>/test/image/**/*.test.ts"],
    },
    {
      ...base,
      displayName: "e2e",
      testMatch: ["<rootDir>/test/e2e/**/*.test.ts"],
    },
    {
      ...base,
      displayName: "clients",
      testMatch: ["<rootDir>/test/clients/**/*.test.ts"],
    },
    {
      ...infrastructure,
      displayName: "cluster",
      testMatch: ["<rootDir>/test/cluster/**/*.test.ts"],
      // One cluster for most of these.
      globalSetup: "<rootDir>/test/cluster/start-shared-cluster.ts",
      globalTeardown: "<rootDir>/test/cluster/stop-shared-cluster.ts",
    },
    {
      ...base,
      displayName: "app",
      testMatch: [
        "<rootDir>/app/test/**/*.test.ts",
        "<rootDir>/app/simulator/test/**/*.test.ts",
        "<rootDir>/app/test/**/*.test.tsx",
      ],
    },
  ],
  // By default one core is left idle, of two cores half the machine.
  maxWorkers: "100%",
  // A cold container build or provider plan is slow; a hang must still end.
  testTimeout: 60_000,
};
