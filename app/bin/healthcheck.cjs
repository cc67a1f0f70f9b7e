"use strict";

// Requests /healthz and exits 0 or 1: the image has no curl.
const port = process.env.PORT || 8001;
const request = require("node:http").get({ host: "127.0.0.1", port, path: "/healthz", timeout: 2500 }, (response) => {
  response.resume();
  process.exit(response.statusCode === 200 ? 0 : 1);
});
request.on("timeout", () => request.destroy(new Error("no answer")));
request.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
