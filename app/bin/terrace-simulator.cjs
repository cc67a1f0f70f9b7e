#!/usr/bin/env node
"use strict";

require("./require-node.cjs").requireNode(process.versions.node);
require("../dist/simulator.js");
