// The page's check of addresses against the table that the server's check is tested by (tests/it/urls.rs).

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const read = (name) => readFile(new URL(name, import.meta.url), "utf8");

test("addresses have the faults that the table says", async () => {
  // Served as a module to browsers; to node a file of this name would be none.
  const { urlFault } = await import(`data:text/javascript,${encodeURIComponent(await read("../../../static/url.js"))}`);
  const cases = JSON.parse(await read("../../urls.json"));
  assert.ok(cases.length > 20);
  for (const { url, page } of cases) assert.equal(urlFault(url) === "", page, `${JSON.stringify(url)}: ${urlFault(url)}`);
  assert.equal(urlFault(""), "", "an empty row is left out");
});
