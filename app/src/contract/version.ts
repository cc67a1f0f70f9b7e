/** Version of the app, as in its `package.json`; a test holds them equal. */
export const VERSION = "0.1.0";
