// An ad by one form: what it lacks is created on the way, and its link credits the sale of a visitor who clicked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { flash, heading, makePixel, onOverview, setUp, submit } from "../support/admin.mjs";
import { newPage, reloadUntil, startBrowser } from "../support/browser.mjs";
import { startServer, startSite } from "../support/servers.mjs";

test("a newcomer creates an ad in one go, and its click earns the sale", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  await makePixel(page, server);
  const shop = await startSite(t, {
    "/": "<h1>Shop</h1>",
    "/thanks": `<h1>Thank you</h1><img src="${server.url}/px?id=1&order_id=A-1&value=49.90&t=2">`,
  });

  await page.goto(`${server.url}/admin/ads/new`);
  await page.locator("main .empty a.primary").click();
  await heading(page, "New line item").waitFor();
  assert.equal(await page.locator('[name="pixel"]').first().inputValue(), "1", "the only pixel is attached");
  await page.locator("#name").fill("All ads");
  await submit(page);

  await heading(page, "New ad").waitFor();
  assert.equal(await page.locator("#line_item_id").inputValue(), "1", "the new line item is chosen");
  await page.locator("#name").fill("Spring banner");
  await page.locator("#placement").fill("Trail News");
  await submit(page);
  await page.getByRole("alert").waitFor();
  assert.equal(await page.locator("#click_url").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#placement").inputValue(), "Trail News", "what was typed stays");
  await page.locator("#click_url").fill(`${shop.url}/`);
  await submit(page);
  await heading(page, "Spring banner").waitFor();
  assert.ok((await page.locator("#tag").innerText()).includes("/imptr?id="));

  const visitor = await newPage(t, browser);
  await visitor.goto(await page.locator("#link").innerText());
  await visitor.waitForURL(`${shop.url}/`);
  await visitor.goto(`${shop.url}/thanks`, { waitUntil: "load" });
  await page.goto(`${server.url}/admin/conversions`);
  await reloadUntil(page, page.locator(".mark.is-click"));
});

test("a placement is created on the way from a tracker, which keeps what was typed", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await makePixel(page, server);
  await page.goto(`${server.url}/admin/line-items/new?advertiser_id=1`);
  await page.locator("#name").fill("All ads");
  await page.locator('[name="pixel"]').first().selectOption("");
  await submit(page);
  await page.locator('button[name="anyway"]').click();
  await flash(page).waitFor();
  await page.goto(`${server.url}/admin/publishers/new`);
  await page.locator("#name").fill("Daily News");
  await submit(page);
  await page.goto(`${server.url}/admin/trackers/new`);
  await page.locator("#name").fill("Banner & more");
  await page.locator('button[value="make-placement"]').click();
  await page.locator("#name").fill("Gazette");
  await submit(page);
  await heading(page, "New tracker").waitFor();
  assert.equal(await page.locator("#name").inputValue(), "Banner & more");
  assert.equal(await page.locator("#publisher_id").inputValue(), "2");
  await page.goto(`${server.url}/admin`);
  await onOverview(page);
});
