// The form of a line item, with the script and without it; then a placement and a tracker for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, deleteIt, heading, link, makePixel, setUp, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { isFocused } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

// A server with two pixels, the second with values of its own, and the form of a new line item.
async function start(t, options = {}) {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), options);
  await setUp(page, server);
  const create = await makePixel(page, server, "Purchase");
  await create("pixel", { name: "Sign-up", post_click_value: 12.5, post_view_value: 4 }, "advertiser_id=1");
  await page.goto(`${server.url}/admin/line-items/new`);
  return { server, page };
}

const pixels = (page) => page.locator('select[name="pixel"]');
const addRow = (page) => page.locator('[data-add-row="pixel"]').click();

test("the script adds and removes rows of pixels, and shows the pixels' own values", async (t) => {
  const { page } = await start(t);
  const own = async (field) => page.locator(`[name="${field}"]`).nth(1).getAttribute("placeholder");
  await page.locator("#name").fill("Autumn sale");
  await pixels(page).first().selectOption("1");
  await page.locator('[name="post_click_revenue"]').first().fill("15");
  await addRow(page);
  const second = pixels(page).nth(1);
  assert.ok(await isFocused(second), "the focus is in the new row");
  await second.selectOption("2");
  assert.deepEqual([await own("post_click_revenue"), await own("post_view_revenue")], ["12.50", "4.00"]);
  await second.selectOption("1");
  assert.equal(await own("post_click_revenue"), "");
  await second.selectOption("2");
  await page.locator("[data-remove-row]").first().click();

  await page.locator("#name").press("Enter");
  await heading(page, "Autumn sale").waitFor();
  assert.equal(await link(page, "/admin/pixels/2").count(), 1);
  assert.equal(await link(page, "/admin/pixels/1").count(), 0);

  await link(page, "/admin/line-items/1/edit").click();
  for (let row = 1; row < 20; row += 1) await addRow(page);
  assert.equal(await pixels(page).count(), 20);
  await addRow(page);
  await page.locator(".toast.is-shown").waitFor();
  assert.equal(await pixels(page).count(), 20, "no more than the limit");
});

test("without JavaScript a line item, its placement and its tracker are created", async (t) => {
  const { server, page } = await start(t, { javaScriptEnabled: false });
  await page.locator("#name").fill("Autumn sale");
  await pixels(page).first().selectOption("1");
  await addRow(page);
  assert.equal(await page.locator("#name").inputValue(), "Autumn sale");
  await pixels(page).nth(1).selectOption("2");
  await submit(page);
  await link(page, "/admin/pixels/2").waitFor();

  await page.goto(`${server.url}/admin/publishers/new`);
  await page.locator("#name").fill("Daily News");
  await submit(page);
  await link(page, "/admin/trackers/new?publisher_id=1").click();
  await choose(page, "kind", "clicktracker");
  await page.locator("#name").fill("Newsletter link");
  await page.locator("#line_item_id").selectOption("1");
  await page.locator("#click_url").fill("https://shop.example/");
  await submit(page);
  await page.getByText(`${server.url}/clktr?id=1&cachebuster=[CACHEBUSTER]`).waitFor();

  await deleteIt(page);
  assert.equal((await page.goto(`${server.url}/admin/trackers/1`)).status(), 404);
});
