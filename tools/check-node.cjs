// Runs before everything else, in syntax that old versions read too: their own errors would not say what to do.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Terrace needs Node 20.19 or newer; this is Node ${process.versions.node}.\n` +
      "Install a newer one from https://nodejs.org or, with nvm: nvm install 20",
  );
  process.exit(1);
}
