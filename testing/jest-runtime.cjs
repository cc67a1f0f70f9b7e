/**
 * Jest's runtime, except that these packages are loaded once for a worker and not once for a test file: a third of what
 * the tests of constructs and stacks take. Their state is cdktf's registry of tokens, which only grows; a test that
 * mocks one of them still gets its mock. Objects from outside have other prototypes than a test's own, so zod and
 * js-yaml stay inside: js-yaml dumps plain objects of its own sandbox only.
 */
const { createRequire } = require("node:module");
const { default: Runtime } = require("jest-runtime");

const PACKAGES = /^(cdktf|constructs|@cdktf\/provider-\w+|fast-check|typescript)(\/|$)/;

/** Zod's messages in fifty languages, of which nothing here uses any but English, in a file beside this one. */
const LOCALES = "../locales/index.cjs";

// cdktf keeps for each nested block where it was made. Nothing reads that, and under Jest's source maps it is the most
// costly part of a stack.
require("cdktf/lib/tokens/private/stack-trace").captureStackTrace = () => [];

module.exports = class extends Runtime {
  requireModule(from, name, ...rest) {
    const shared = name === LOCALES || (name !== undefined && PACKAGES.test(name));
    return shared ? createRequire(from)(name) : super.requireModule(from, name, ...rest);
  }
};
