// The main journey, through the pages alone: an admin sets everything up, a visitor sees and clicks an ad on a publisher's
// page and buys in a shop, and the admin reads which ad earned the sale.

import assert from "node:assert/strict";
import { choose, heading, navigate, setUp, submit } from "../support/admin.mjs";
import { EVERYWHERE, newPage, reloadUntil, testIn } from "../support/browser.mjs";
import { pxid } from "../support/collect.mjs";
import { startServer, startSite } from "../support/servers.mjs";

const ORDERS = ["A-1001", "A-1002", "A-1003"];

// Goes to a section by the navigation, then to its form for a new object, and names that.
async function openForm(page, section, name) {
  await navigate(page, `/admin/${section}`);
  await page.locator(`main a[href^="/admin/${section}/new"]`).first().click();
  await page.locator("#name").fill(name);
}

async function create(page, name) {
  await submit(page);
  await heading(page, name).waitFor();
}

// Makes a tracker and resolves with its tag.
async function makeTracker(page, kind, name, landingPage) {
  await openForm(page, "trackers", name);
  await choose(page, "kind", kind);
  await page.locator("#line_item_id").selectOption("1");
  await page.locator("#publisher_id").selectOption("1");
  if (landingPage) await page.locator("#click_url").fill(landingPage);
  await create(page, name);
  return (await page.locator("main pre").first().innerText()).replaceAll("[CACHEBUSTER]", "4711");
}

async function setUpCampaign(page) {
  await openForm(page, "advertisers", "ProStarr Sportswear");
  await create(page, "ProStarr Sportswear");
  await openForm(page, "pixels", "Purchase");
  await choose(page, "repeat", "all");
  await create(page, "Purchase");
  await openForm(page, "line-items", "Autumn sale");
  await page.locator('[name="pixel"]').first().selectOption("1");
  await page.locator('[name="post_click_revenue"]').first().fill("12.50");
  await page.locator('[name="post_view_revenue"]').first().fill("3");
  await create(page, "Autumn sale");
  await openForm(page, "publishers", "Daily News");
  await create(page, "Daily News");
}

async function exportTag(page) {
  await navigate(page, "/admin/export");
  const tag = await page.locator("#tag-1").innerText();
  assert.match(tag, /order_id=\[ORDER_ID\]&value=\[REVENUE\]/);
  return tag;
}

// Buys in the shop, whose thank-you page carries the tag.
async function buy(visitor, order) {
  const fire = visitor.waitForResponse((response) => response.url().includes("/px?"));
  await visitor.getByRole("link", { name: order }).click();
  assert.equal((await fire).status(), 200);
}

// Waits for the event of this order, checks its mark in the list, and opens its page. Resolves with the published reason.
async function openConversion(page, order, mark) {
  await navigate(page, "/admin/conversions");
  const row = page.getByRole("row").filter({ has: page.getByRole("cell", { name: order, exact: true }) });
  await reloadUntil(page, row);
  assert.equal(await row.locator(`.is-${mark}`).count(), 1);
  await row.locator('a[href^="/admin/conversions/"]').click();
  await page.getByText("JSON and curl").click();
  return page.locator(".fold-body p code").innerText();
}

testIn(EVERYWHERE, "an ad is clicked, a sale follows, and its page says which ad earned it", async (t, browser) => {
  const server = await startServer(t);
  const page = await newPage(t, browser);
  const shop = await startSite(t, { "/": ORDERS.map((order) => `<a href="/thanks?order=${order}">${order}</a>`).join(" ") });
  await setUp(page, server);
  await setUpCampaign(page);
  const viewTag = await makeTracker(page, "imptracker", "Banner, views");
  const clickUrl = await makeTracker(page, "clicktracker", "Banner, clicks", `${shop.url}/`);
  const tag = await exportTag(page);
  shop.pages["/thanks"] = (url) =>
    `<h1>Thank you</h1>${tag.replace("[ORDER_ID]", url.searchParams.get("order")).replace("[REVENUE]", "49.90")}`;
  const publisher = await startSite(t, { "/": `<h1>News</h1><a href="${clickUrl.replaceAll("&", "&amp;")}">An ad</a>${viewTag}` });

  const clicker = await newPage(t, browser);
  await clicker.goto(publisher.url, { waitUntil: "load" });
  await clicker.getByRole("link", { name: "An ad" }).click();
  await clicker.waitForURL(`${shop.url}/`);
  await buy(clicker, "A-1001");
  const { httpOnly, sameSite } = await pxid(clicker);
  assert.deepEqual([httpOnly, sameSite], [true, "Lax"]);

  const viewer = await newPage(t, browser);
  await viewer.goto(publisher.url, { waitUntil: "load" });
  await viewer.goto(shop.url);
  await buy(viewer, "A-1002");

  const stranger = await newPage(t, browser);
  await stranger.goto(shop.url);
  await buy(stranger, "A-1003");

  assert.equal(await openConversion(page, "A-1001", "click"), "post_click");
  const text = await page.locator("main").innerText();
  for (const part of ["A-1001", "Autumn sale", "Daily News", "49.90", "12.50", shop.url]) assert.ok(text.includes(part), `${part} is on the page:\n${text}`);
  assert.equal(await openConversion(page, "A-1002", "view"), "post_view");
  assert.equal(await openConversion(page, "A-1003", "none"), "no_exposure");
});
