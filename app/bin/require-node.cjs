"use strict";

/**
 * Ends the process with one clear line where Node is too old, before any code that an old Node cannot parse is loaded.
 * Written for any Node, hence `var`.
 */
var OLDEST = [20, 19];

exports.requireNode = function requireNode(version) {
  var parts = version.split(".").map(Number);
  if (parts[0] > OLDEST[0] || (parts[0] === OLDEST[0] && parts[1] >= OLDEST[1])) return;
  console.error(
    "Terrace needs Node " +
      OLDEST.join(".") +
      " or newer; this is Node " +
      version +
      ". See https://nodejs.org/en/download or: nvm install 22",
  );
  process.exit(1);
};
