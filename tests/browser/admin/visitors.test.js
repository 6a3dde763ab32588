// Somebody asks why a visitor is, or is not, in a segment: by the cookie that the browser holds, and by a fire that came.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makePixel, newPage, reloadUntil, setUp, startApi, startBrowser, startServer, startSite } from "../support/harness.mjs";

test("a visitor is found by its cookie, and from a fire among live events", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  await makePixel(page, server);
  const api = await startApi(server);
  await api("segment", { short_name: "Cart", expire_minutes: 60 });
  const shop = await startSite(t, { "/": `<h1>Shop</h1><img src="${server.url}/px?id=1&seg=1:5&t=2">` });
  const visitor = await newPage(t, browser);
  await visitor.goto(`${shop.url}/`, { waitUntil: "load" });
  const cookie = (await visitor.context().cookies()).find(({ name }) => name === "pxid").value;

  await page.goto(`${server.url}/admin/segments`);
  await reloadUntil(page, page.getByRole("cell", { name: "1", exact: true }));
  const field = page.getByLabel("Value of its cookie pxid");
  await field.fill("no cookie");
  await page.getByRole("button", { name: "Look up" }).click();
  await page.getByText("This is no visitor's number").waitFor();
  assert.deepEqual([await field.inputValue(), await field.getAttribute("aria-invalid")], ["no cookie", "true"]);
  await field.fill(cookie);
  await field.press("Enter");
  await page.getByRole("heading", { level: 1, name: `Visitor ${cookie}` }).waitFor();
  const row = page.getByRole("row").filter({ hasText: "Cart" });
  await row.getByText(/^(1 hour|59 minutes( \d+ seconds?)?) left$/).waitFor();
  await row.getByRole("cell", { name: "5", exact: true }).waitFor();

  await page.goto(`${server.url}/admin/live`);
  await page.locator(".event summary").first().click();
  await page.getByRole("link", { name: cookie }).click();
  await page.getByRole("link", { name: "Cart" }).click();
  await page.getByRole("heading", { level: 1, name: "Cart" }).waitFor();
});
