// The job that the product is there for, through its pages alone: everything is set up in the browser, an ad is seen and
// clicked on a publisher's page, something is bought in a shop, and the sale is read where it was credited.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newPage, reloadUntil, setUp, startBrowser, startServer, startSite } from "../support/harness.mjs";

// Goes to a section by the navigation, then to its form for a new one.
async function openForm(page, section, button) {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: section, exact: true }).click();
  await page.getByRole("heading", { level: 1, name: section }).waitFor();
  await page.getByRole("link", { name: button, exact: true }).first().click();
}

const nameField = (page) => page.getByLabel("Name", { exact: true });

// Chooses the option that begins with this text: what follows in it may be its id.
async function choose(select, text) {
  const option = select.locator("option").filter({ hasText: new RegExp(`^\\s*${text}`) });
  await select.selectOption(await option.first().getAttribute("value"));
}

// Picks one of several explained choices, as people do: by a click on its card.
async function pick(page, group, choice) {
  await page.getByRole("group", { name: group }).locator("label").filter({ hasText: new RegExp(`^${choice}`) }).click();
}

async function makeTracker(page, kind, name, landingPage) {
  await openForm(page, "Trackers", "New tracker");
  await pick(page, "What it reports", kind);
  await nameField(page).fill(name);
  await choose(page.getByLabel("Line item", { exact: true }), "Autumn sale");
  await choose(page.getByLabel("Publisher", { exact: true }), "Daily News");
  if (landingPage) await page.getByRole("textbox", { name: "Landing page" }).fill(landingPage);
  await page.getByRole("button", { name: "Create tracker" }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  return (await page.locator("main pre").first().innerText()).replaceAll("[CACHEBUSTER]", "4711");
}

// Buys in the shop: the thank-you page carries the tag, so its image is loaded when the page is.
async function buy(visitor, order) {
  const fired = visitor.waitForResponse((response) => response.url().includes("/px?"));
  await visitor.getByRole("link", { name: `Buy as ${order}` }).click();
  await visitor.getByRole("heading", { name: "Thank you" }).waitFor();
  assert.equal((await fired).status(), 200);
}

// Opens the page of the conversion with this order id.
async function openConversion(page, order) {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Conversions", exact: true }).click();
  const row = page.getByRole("row").filter({ has: page.getByRole("cell", { name: order, exact: true }) });
  await reloadUntil(page, row);
  const text = await row.innerText();
  await row.getByRole("link").first().click();
  return text;
}

test("an ad is clicked, a sale follows, and its page says which ad earned it and why", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  const shop = await startSite(t, {
    "/": ["A-1001", "A-1002", "A-1003"].map((order) => `<a href="/thanks?order=${order}">Buy as ${order}</a>`).join(" "),
  });
  await setUp(page, server);

  await openForm(page, "Advertisers", "New advertiser");
  await nameField(page).fill("ProStarr Sportswear");
  await page.getByRole("button", { name: "Create advertiser" }).click();

  await openForm(page, "Pixels", "New pixel");
  await nameField(page).fill("Purchase");
  await pick(page, "How often one visitor counts", "Every time");
  await page.getByRole("button", { name: "Create pixel" }).click();
  await page.getByRole("heading", { level: 1, name: "Purchase" }).waitFor();

  await openForm(page, "Line items", "New line item");
  await nameField(page).fill("Autumn sale");
  await choose(page.getByLabel("Pixel", { exact: true }).first(), "Purchase");
  await page.getByLabel("Post-click").first().fill("12.50");
  await page.getByLabel("Post-view").first().fill("3");
  await page.getByRole("button", { name: "Create line item" }).click();
  await page.getByRole("heading", { level: 1, name: "Autumn sale" }).waitFor();

  await openForm(page, "Publishers", "New publisher");
  await nameField(page).fill("Daily News");
  await page.getByRole("button", { name: "Create publisher" }).click();

  const viewTag = await makeTracker(page, "Views", "Banner, seen");
  const clickUrl = await makeTracker(page, "Clicks", "Banner, clicked", shop.url + "/");

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Export tags" }).click();
  await page.getByRole("checkbox", { name: /^Purchase/ }).check();
  await page.getByRole("checkbox", { name: "Order id" }).check();
  await page.getByRole("checkbox", { name: "Value" }).check();
  await page.getByRole("button", { name: "Show the tags" }).click();
  const tag = await page.locator("main pre").innerText();
  assert.match(tag, /order_id=\[ORDER_ID\]&value=\[REVENUE\]/);
  shop.pages["/thanks"] = (url) =>
    `<h1>Thank you</h1>${tag.replace("[ORDER_ID]", url.searchParams.get("order")).replace("[REVENUE]", "49.90")}`;
  const publisher = await startSite(t, { "/": `<h1>News</h1><a href="${clickUrl.replaceAll("&", "&amp;")}">An ad</a>${viewTag}` });

  const clicker = await newPage(t, browser);
  await clicker.goto(publisher.url, { waitUntil: "load" });
  await clicker.getByRole("link", { name: "An ad" }).click();
  await clicker.waitForURL(shop.url + "/");
  await buy(clicker, "A-1001");
  const [cookie] = await clicker.context().cookies(server.url);
  assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ["pxid", true, "Lax"]);

  const viewer = await newPage(t, browser);
  await viewer.goto(publisher.url, { waitUntil: "load" });
  await viewer.goto(shop.url);
  await buy(viewer, "A-1002");

  const stranger = await newPage(t, browser);
  await stranger.goto(shop.url);
  await buy(stranger, "A-1003");

  assert.match(await openConversion(page, "A-1001"), /Post-click[^]*Purchase[^]*Autumn sale[^]*49\.90/i);
  await page.getByRole("heading", { level: 1, name: "Why" }).waitFor();
  const why = await page.locator("main").innerText();
  for (const said of ["A-1001", "post_click", "Autumn sale", "Daily News", "49.90", "12.50", shop.url]) {
    assert.ok(why.includes(said), `${said} stands on the page:\n${why}`);
  }

  assert.match(await openConversion(page, "A-1002"), /Post-view[^]*Autumn sale/i);
  await page.getByText("post_view").first().waitFor();
  assert.match(await openConversion(page, "A-1003"), /Unattributed[^]*none/i);
  await page.getByText("no_exposure").first().waitFor();
});
