// Ways that people go: windows are changed, a line item pays, somebody is let in to see one advertiser alone, a sale is
// corrected.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makePixel, newPage, reloadUntil, setUp, signIn, startApi, startBrowser, startServer, startSite } from "../support/harness.mjs";

const nameField = (page) => page.getByLabel("Name", { exact: true });

// A server with two advertisers; the first has a pixel and a click tracker that leads to a shop.
async function start(t) {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  await makePixel(page, server);
  const api = await startApi(server);
  const other = await api("advertiser", { name: "Other Brand" });
  await api("pixel", { name: "Other sign-up" }, `advertiser_id=${other.id}`);
  const publisher = await api("publisher", { name: "Daily News" });
  const shop = await startSite(t, { "/": "<h1>Shop</h1>", "/thanks": (url) => `<h1>Thank you</h1><img src="${server.url}/px?id=1&order_id=${url.searchParams.get("order")}&value=49.90&currency=EUR&t=2">` });
  const tracker = async (line_item) => {
    const made = await api("clicktracker", { name: "Banner", line_item: { id: line_item }, publisher: { id: publisher.id }, click_url: `${shop.url}/` }, "advertiser_id=1");
    return `${server.url}/clktr?id=${made.id}`;
  };
  return { server, browser, page, api, shop, tracker };
}

// A visitor clicks the ad and buys.
async function clickAndBuy(t, browser, shop, click, order) {
  const visitor = await newPage(t, browser);
  await visitor.goto(click);
  await visitor.getByRole("heading", { name: "Shop" }).waitFor();
  await visitor.goto(`${shop.url}/thanks?order=${order}`, { waitUntil: "load" });
}

test("windows and revenues are set in forms, and decide what a sale is worth", async (t) => {
  const { server, browser, page, shop, tracker } = await start(t);
  await page.goto(`${server.url}/admin/pixels/1/edit`);
  const clicks = page.getByLabel("Lookback window for clicks", { exact: true });
  const unit = page.getByLabel("Lookback window for clicks: unit");
  assert.deepEqual([await clicks.inputValue(), await unit.inputValue()], ["14", "days"]);
  await clicks.fill("100");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").waitFor();
  assert.equal(await clicks.getAttribute("aria-invalid"), "true");
  assert.equal(await clicks.inputValue(), "100", "nothing typed is lost");
  await clicks.fill("36");
  await unit.selectOption("hours");
  await page.getByLabel("Lookback window for views: unit").selectOption("max");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("a click up to 36 hours before, else a view up to 30 days before").waitFor();

  await page.goto(`${server.url}/admin/line-items/new?advertiser_id=1`);
  await nameField(page).fill("Autumn sale");
  await page.getByLabel("Pixel", { exact: true }).first().selectOption({ label: "Purchase (1)" });
  await page.getByLabel("Post-click").first().fill("12.50");
  await page.getByLabel("Post-view").first().fill("3");
  await page.getByRole("button", { name: "Create line item" }).click();
  await page.getByRole("heading", { level: 1, name: "Autumn sale" }).waitFor();

  await clickAndBuy(t, browser, shop, await tracker(1), "A-1");
  await page.goto(`${server.url}/admin/conversions`);
  const row = page.getByRole("row").filter({ hasText: "A-1" });
  await reloadUntil(page, row);
  await row.getByRole("link").first().click();
  await page.getByText("12.50 EUR, from the line item").or(page.getByText("12.50 USD, from the line item")).waitFor();
  await page.getByText("a click up to 36 hours before").first().waitFor();

  // The sale is corrected: an article came back, then all of it.
  await page.getByRole("link", { name: "Correct it" }).click();
  await page.getByText("Now it stands at 49.90 EUR").waitFor();
  await page.getByRole("textbox", { name: /^Value/ }).fill("9,90");
  await page.getByRole("button", { name: "Correct it" }).click();
  await page.getByRole("alert").getByText("Value must be a plain decimal number").waitFor();
  await page.getByRole("textbox", { name: /^Value/ }).fill("9.90");
  await page.getByLabel("Reason").fill("returned");
  await page.getByRole("button", { name: "Correct it" }).click();
  await page.getByText("Corrected.").waitFor();
  await page.getByText("Reason given: returned.").waitFor();
  assert.match(await page.locator("main").innerText(), /Reported now\s+9\.90 EUR/);
  await page.getByRole("link", { name: "Correct it" }).click();
  await page.locator("label[for=type-retract]").click();
  await page.getByRole("button", { name: "Correct it" }).click();
  await page.getByText("nothing: it was retracted").waitFor();
});

test("a viewer who is limited to one advertiser sees that one alone, and changes nothing", async (t) => {
  const { server, browser, page } = await start(t);
  await page.goto(`${server.url}/admin/users/new`);
  await page.getByLabel("User", { exact: true }).fill("vera");
  await page.getByLabel("Password", { exact: true }).fill("a long enough password");
  await page.locator("label[for=role-viewer]").click();
  await page.getByLabel("Limited to").or(page.getByLabel("Advertiser")).first().selectOption({ label: "Other Brand" });
  await page.getByRole("button", { name: "Create user" }).click();
  await page.getByText("vera").first().waitFor();

  const guest = await newPage(t, browser);
  await signIn(guest, server, { user: "vera", password: "a long enough password" });
  await guest.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await guest.goto(`${server.url}/admin/pixels`);
  await guest.getByRole("link", { name: "Other sign-up" }).waitFor();
  assert.equal(await guest.getByText("Purchase").count(), 0);
  assert.equal(await guest.getByRole("link", { name: "New pixel" }).count(), 0);
  await guest.goto(`${server.url}/admin/advertisers`);
  await guest.getByText("Other Brand").first().waitFor();
  assert.equal(await guest.getByText("ProStarr Sportswear", { exact: true }).and(guest.locator("main *")).count(), 0);
  for (const [path, status, words] of [
    ["/admin/pixels/1", 404, "There is no such page"],
    ["/admin/pixels/2/edit", 403, "Not allowed"],
    ["/admin/users", 403, "Not allowed"],
    ["/admin/settings", 403, "Not allowed"],
  ]) {
    assert.equal((await guest.goto(server.url + path)).status(), status, path);
    await guest.getByRole("heading", { name: words }).waitFor();
  }
  await guest.getByRole("link", { name: "To the overview" }).click();
  await guest.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
});
