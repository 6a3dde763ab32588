// Finding things: the search of the menu as one types, selects that search, and both without JavaScript.

import assert from "node:assert/strict";
import { test } from "node:test";
import { heading, makePixel, setUp, signIn } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { faults, isFocused } from "../support/pages.mjs";
import { startDemo, startServer } from "../support/servers.mjs";

const box = (page) => page.locator(".find-pop");
const field = (page) => page.locator('.find input[type="search"]');
const active = (page) => field(page).evaluate((input) => document.getElementById(input.getAttribute("aria-activedescendant"))?.textContent.trim() ?? null);

test("the search of the menu shows results as one types, and the keyboard chooses one", async (t) => {
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t));
  await signIn(page, demo, demo);
  for (const press of ["/", "ControlOrMeta+k"]) {
    await page.goto(`${demo.url}/admin/pixels`);
    await page.keyboard.press(press);
    assert.ok(await isFocused(field(page)), press);
  }
  assert.equal(await field(page).getAttribute("aria-expanded"), "false");
  await page.keyboard.type("settings");
  await box(page).getByRole("option", { name: "Settings" }).waitFor();
  assert.equal(await field(page).getAttribute("aria-expanded"), "true");
  assert.deepEqual(await faults(page), [], "axe finds no fault while the results are open");
  assert.equal(await active(page), null, "nothing is chosen before an arrow key");
  await page.keyboard.press("ArrowDown");
  assert.match(await active(page), /^Settings/);
  await page.keyboard.press("Escape");
  assert.equal(await box(page).isVisible(), false);
  assert.equal(await field(page).inputValue(), "settings", "Escape closes the results first");
  await page.keyboard.press("Escape");
  assert.equal(await field(page).inputValue(), "");
  await page.keyboard.type("settings");
  await box(page).getByRole("option").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/admin\/settings$/);
});

test("Enter on a whole order ID leads straight to its event, also without JavaScript", async (t) => {
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t));
  await signIn(page, demo, demo);
  await page.goto(`${demo.url}/admin/conversions?outcome=attributed`);
  const orders = await page.locator("tbody a.row").evaluateAll((links) => links.map((link) => link.closest("tr").textContent.match(/[A-Z]{2}-\d+/)?.[0]).filter(Boolean));
  // Some orders have a second event, of the tag or the server. Those lead to the page of results.
  let order;
  while ((order = orders.shift())) {
    await page.goto(`${demo.url}/admin/conversions?order=${order}`);
    if ((await page.locator("tbody a.row").count()) === 1) break;
  }
  assert.ok(order, "the demo has an order with one event");
  for (const javaScriptEnabled of [true, false]) {
    const page = await newPage(t, await startBrowser(t), { javaScriptEnabled });
    await signIn(page, demo, demo);
    await page.goto(`${demo.url}/admin`);
    await field(page).fill(`#${order.toLowerCase()}`);
    await field(page).press("Enter");
    await page.waitForURL(/\/admin\/conversions\/\d+$/);
    assert.match(await page.locator("h1").innerText(), new RegExp(order));
    await page.goto(`${demo.url}/admin/search?q=${order.slice(0, -1)}`);
    assert.ok((await page.locator(".found li").count()) > 0);
  }
});

test("a select of more than a hundred objects searches them", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  const create = await makePixel(page, server);
  const other = await create("advertiser", { name: "Büro Müller" });
  for (let number = 2; number <= 101; number += 1) await create("pixel", { name: `Checkout ${number}`, trigger_type: "hybrid" }, `advertiser_id=${other.id}`);
  await page.goto(`${server.url}/admin/conversions?outcome=attributed`);
  const pixel = page.getByRole("combobox", { name: "Pixel" });
  assert.equal(await pixel.getAttribute("placeholder"), "All pixels");
  await pixel.click();
  const options = page.locator(".choose [role=option]");
  await page.getByText("50 of 102. Type to see fewer.").waitFor();
  await pixel.fill("buro 77");
  assert.equal(await options.count(), 1);
  assert.match(await options.innerText(), /^Checkout 77 · Büro Müller$/);
  await pixel.press("Enter");
  assert.match(await pixel.inputValue(), /^Checkout 77/);
  assert.deepEqual(await faults(page), []);
  await page.getByRole("button", { name: "Filter" }).click();
  await page.waitForURL(/pixel=78|pixel=77/);
  assert.match(await pixel.inputValue(), /^Checkout 77/);
  await pixel.fill("");
  await pixel.press("Tab");
  assert.equal(await page.locator('select[name="pixel"]').evaluate((select) => select.value), "", "an empty field means all");

  const plain = await newPage(t, await startBrowser(t), { javaScriptEnabled: false });
  await signIn(plain, server);
  await plain.goto(`${server.url}/admin/conversions?outcome=attributed`);
  const select = plain.locator('select[name="pixel"]');
  assert.equal(await select.locator("option").count(), 102);
  assert.deepEqual(await select.locator("optgroup").evaluateAll((groups) => groups.map((group) => group.label)), ["Büro Müller", "ProStarr Sportswear"]);
  assert.equal(await plain.locator('.find input[type="search"]').isVisible(), true);
  await plain.locator('.find input[type="search"]').fill("checkout 77");
  await plain.locator('.find input[type="search"]').press("Enter");
  await plain.locator(".found a").first().click();
  await heading(plain, "Checkout 77").waitFor();
});
