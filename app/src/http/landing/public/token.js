/**
 * The token of the printed address (`/#token=…`), kept for this tab alone and taken out of the address, so that neither history nor
 * a bookmark has it. A fragment is sent to no server.
 */
export function takeToken({ location, history, sessionStorage }) {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem("token") ?? "";
}
