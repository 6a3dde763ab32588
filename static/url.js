// url.js: what is wrong with a piggyback's address, said while it is typed. The server's rules (tests/urls.json holds the
// cases for both), and one of its own: the page advises against user and password, which browsers refuse to load.

const NOT_FULL = "Not a full address: it must start with https:// or http://.";
const NO_ADDRESS = "This is not an address a browser could load.";

/** The fault in words; empty for a good address, and for none. */
export function urlFault(text) {
  if (text === "") return "";
  if ([...text].length > 255) return "At most 255 characters.";
  if (/\p{Cc}/u.test(text)) return NO_ADDRESS;
  let url;
  try {
    url = new URL(text);
  } catch {
    return /^https?:/i.test(text) ? NO_ADDRESS : NOT_FULL;
  }
  if (!["http:", "https:"].includes(url.protocol)) return NOT_FULL;
  return url.username || url.password ? "Leave user and password out of the address." : "";
}
