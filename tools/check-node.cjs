// Runs before everything else, in syntax that old versions parse: their own errors would not name the cure.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Terrace needs Node 20.19 or newer; this is Node ${process.versions.node}.\n` +
      "Install a newer one from https://nodejs.org or, with nvm: nvm install 20",
  );
  process.exit(1);
}
