// The worth of a sale: windows and revenues are set in forms, a visitor clicks and buys, the shop corrects the sale.

import assert from "node:assert/strict";
import { choose, flash, heading, makePixel, setUp, submit } from "../support/admin.mjs";
import { EVERYWHERE, newPage, reloadUntil, testIn } from "../support/browser.mjs";
import { startServer, startSite } from "../support/servers.mjs";

// The figures on a conversion's page.
const facts = (page) => page.locator("dl.facts dd").allInnerTexts();

async function setWindows(page, server) {
  const address = `${server.url}/admin/pixels/1/edit`;
  await page.goto(address);
  const clicks = page.locator("#post_click_expire_mins");
  const unit = page.locator('[name="post_click_expire_mins_unit"]');
  const views = page.locator('[name="post_view_expire_mins_unit"]');
  assert.deepEqual([await clicks.inputValue(), await unit.inputValue()], ["14", "days"]);
  await clicks.fill("100");
  await submit(page);
  await page.getByRole("alert").waitFor();
  assert.equal(await clicks.getAttribute("aria-invalid"), "true");
  assert.equal(await clicks.inputValue(), "100", "the form keeps its text");
  await clicks.fill("36");
  await unit.selectOption("hours");
  await views.selectOption("max");
  await submit(page);
  await flash(page).waitFor();
  await page.goto(address);
  assert.deepEqual([await clicks.inputValue(), await unit.inputValue(), await views.inputValue()], ["36", "hours", "max"]);
}

async function makeLineItem(page, server) {
  await page.goto(`${server.url}/admin/line-items/new?advertiser_id=1`);
  await page.locator("#name").fill("Autumn sale");
  await page.locator('[name="pixel"]').first().selectOption("1");
  await page.locator('[name="post_click_revenue"]').first().fill("12.50");
  await page.locator('[name="post_view_revenue"]').first().fill("3");
  await submit(page);
  await heading(page, "Autumn sale").waitFor();
}

// A visitor clicks the ad and buys for 49.90 EUR.
async function clickAndBuy(t, browser, server, create, order) {
  const shop = await startSite(t, {
    "/": "<h1>Shop</h1>",
    "/thanks": `<h1>Thank you</h1><img src="${server.url}/px?id=1&order_id=${order}&value=49.90&currency=EUR&t=2">`,
  });
  const publisher = await create("publisher", { name: "Daily News" });
  const tracker = { name: "Banner", line_item: { id: 1 }, publisher: { id: publisher.id }, click_url: `${shop.url}/` };
  const { id } = await create("clicktracker", tracker, "advertiser_id=1");
  const visitor = await newPage(t, browser);
  await visitor.goto(`${server.url}/clktr?id=${id}`);
  await visitor.waitForURL(`${shop.url}/`);
  await visitor.goto(`${shop.url}/thanks`, { waitUntil: "load" });
}

testIn(EVERYWHERE, "windows and revenues decide what a sale is worth, and corrections change it", async (t, browser) => {
  const server = await startServer(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  const create = await makePixel(page, server);
  await setWindows(page, server);
  await makeLineItem(page, server);
  await clickAndBuy(t, browser, server, create, "A-1");
  await page.goto(`${server.url}/admin/conversions`);
  const row = page.getByRole("row").filter({ hasText: "A-1" });
  await reloadUntil(page, row);
  await row.locator('a[href^="/admin/conversions/"]').click();
  await page.locator(".verdict.click").waitFor();
  const address = page.url();
  assert.ok((await facts(page)).some((fact) => fact.startsWith("12.50 USD")));

  // Some articles come back, then all.
  await page.goto(`${address}/correct`);
  await page.locator("#value").fill("nine");
  await submit(page);
  await page.locator("#value-error").waitFor();
  await page.locator("#value").fill("9.90");
  await page.locator("#reason_code").fill("returned");
  await submit(page);
  await flash(page).waitFor();
  await page.locator("main li").filter({ hasText: "returned" }).waitFor();
  assert.match(await page.locator(".verdict-amount").innerText(), /^9\.90 EUR\s+49\.90 less 40\.00 refunded$/);
  await page.goto(`${address}/correct`);
  await choose(page, "type", "retract");
  await submit(page);
  await flash(page).waitFor();
  assert.match(await page.locator(".verdict-amount").innerText(), /no longer counted/);
});
