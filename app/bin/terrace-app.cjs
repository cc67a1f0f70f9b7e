#!/usr/bin/env node
"use strict";

require("./require-node.cjs").requireNode(process.versions.node);

var bundle = require("node:path").join(__dirname, "..", "dist", "main.js");
if (!require("node:fs").existsSync(bundle)) {
  console.error("The app is not built yet. Build it: npm run build -w @terrace/app");
  process.exit(1);
}
require(bundle);
