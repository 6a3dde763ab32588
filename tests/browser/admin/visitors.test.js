// The page of a visitor: found by the cookie of the browser, and from a fire among the live events.

import assert from "node:assert/strict";
import { test } from "node:test";
import { heading, link, makePixel, setUp } from "../support/admin.mjs";
import { newPage, reloadUntil, startBrowser } from "../support/browser.mjs";
import { pxid } from "../support/collect.mjs";
import { startServer, startSite } from "../support/servers.mjs";

test("a visitor is found by its cookie, and from a fire among live events", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  const create = await makePixel(page, server);
  await create("segment", { short_name: "Cart", expire_minutes: 60 });
  const shop = await startSite(t, { "/": `<h1>Shop</h1><img src="${server.url}/px?id=1&seg=1:5&t=2">` });
  const visitor = await newPage(t, browser);
  await visitor.goto(`${shop.url}/`, { waitUntil: "load" });
  const { value: cookie } = await pxid(visitor);

  await page.goto(`${server.url}/admin/segments`);
  await reloadUntil(page, page.getByRole("cell", { name: "1", exact: true }));
  await page.goto(`${server.url}/admin/visitors`);
  const field = page.locator("#visitor");
  await field.fill("no cookie");
  await page.locator('form[action="/admin/visitors"] button').click();
  await page.locator("#visitor-error").waitFor();
  assert.deepEqual([await field.inputValue(), await field.getAttribute("aria-invalid")], ["no cookie", "true"]);
  await field.fill(cookie);
  await field.press("Enter");
  await page.waitForURL(`${server.url}/admin/visitors/${cookie}`);
  const row = page.getByRole("row").filter({ has: page.locator('a[href="/admin/segments/1"]') });
  await row.waitFor();
  const [since, until] = await row.locator("time").evaluateAll((all) => all.map((time) => Date.parse(time.dateTime)));
  assert.equal(until - since, 60 * 60_000);
  await row.getByRole("cell", { name: "5", exact: true }).waitFor();

  await page.goto(`${server.url}/admin/live`);
  await page.locator(".event summary:not(.help > summary)").first().click();
  await link(page, `/admin/visitors/${cookie}`).click();
  await link(page, "/admin/segments/1").click();
  await heading(page, "Cart").waitFor();
});
