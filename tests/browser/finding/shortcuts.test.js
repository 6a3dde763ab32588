// The keyboard: skip links, shortcuts and their list, and how to turn them off. And how tall lists are on a phone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp, makePixel, signIn } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { faults, isFocused } from "../support/pages.mjs";
import { startDemo, startServer } from "../support/servers.mjs";

const focusedLink = (page) => page.evaluate(() => document.activeElement.getAttribute("href"));
const PHONE = { width: 375, height: 740 };

test("the first row of a list is a few tabs away", async (t) => {
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t));
  await signIn(page, demo, demo);
  for (const path of ["/admin/pixels", "/admin/line-items", "/admin/conversions", "/admin/live"]) {
    await page.goto(demo.url + path);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the table", path);
    await page.keyboard.press("Enter");
    let presses = 0;
    const inRow = () => page.evaluate(() => document.activeElement.closest("main tbody tr, main .event") !== null);
    for (; presses < 12 && !(await inRow()); presses += 1) await page.keyboard.press("Tab");
    assert.ok(await inRow(), `${path}: ${presses} presses after the skip link`);
  }
});

test("keys lead to pages and move in lists, but never while one types", async (t) => {
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t));
  await signIn(page, demo, demo);
  const at = (path) => page.waitForURL((url) => url.pathname === path);
  await page.goto(`${demo.url}/admin`);
  for (const [key, path] of [["e", "/admin/conversions"], ["l", "/admin/line-items"], ["p", "/admin/pixels"], ["r", "/admin/reports"], ["o", "/admin"]]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await at(path);
  }
  await page.goto(`${demo.url}/admin/pixels`);
  const rows = await page.locator("main tbody .name a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  const moves = [["j", 0], ["j", 1], ["j", 2], ["k", 1]];
  for (const [key, row] of moves) {
    await page.keyboard.press(key);
    assert.equal(await focusedLink(page), rows[row], `${key} leads to row ${row}`);
  }
  await page.keyboard.press("Enter");
  await at(rows[1].split("?")[0]);
  await page.keyboard.press("e");
  await page.waitForURL(/\/edit/);
  await page.locator("#name").focus();
  await page.keyboard.type("gpjk?/en");
  assert.match(await page.locator("#name").inputValue(), /gpjk\?\/en/, "letters typed in a field are letters");
  assert.match(page.url(), /\/edit/);
  await page.goto(`${demo.url}/admin/pixels`);
  await page.keyboard.press("n");
  await at("/admin/pixels/new");
  await page.goto(`${demo.url}/admin/pixels`);
  for (const press of ["Control+j", "Alt+j", "Control+e"]) await page.keyboard.press(press);
  assert.equal(new URL(page.url()).pathname, "/admin/pixels");
  assert.notEqual(await focusedLink(page), rows[0], "keys with modifiers belong to the browser");
});

test("? lists the shortcuts in a dialog, and the account turns them off", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await makePixel(page, server);
  await page.goto(`${server.url}/admin/pixels`);
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await dialog.waitFor();
  assert.match(await dialog.innerText(), /Line items/);
  assert.deepEqual(await faults(page), []);
  await page.keyboard.press("n");
  assert.equal(new URL(page.url()).pathname, "/admin/pixels", "keys do nothing inside a dialog");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });

  await page.goto(`${server.url}/admin/account`);
  await page.getByRole("button", { name: "Turn shortcuts off" }).click();
  await page.getByRole("button", { name: "Turn shortcuts on" }).waitFor();
  await page.goto(`${server.url}/admin/pixels`);
  for (const press of ["?", "/", "j", "n", "g", "o"]) await page.keyboard.press(press);
  assert.equal(await page.evaluate(() => document.activeElement === document.body), true);
  assert.equal(await page.locator("dialog").count(), 0);
  assert.equal(new URL(page.url()).pathname, "/admin/pixels");
  await page.keyboard.press("ControlOrMeta+k");
  assert.ok(await isFocused(page.locator('.find input[type="search"]')), "Ctrl-K is no single key");
});

test("on a phone, lists of fifty rows stay under 3,000 pixels, and targets are 44 pixels", async (t) => {
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t), { viewport: PHONE });
  await signIn(page, demo, demo);
  for (const path of ["/admin/conversions", "/admin/line-items", "/admin/trackers", "/admin/pixels", "/admin/segments"]) {
    await page.goto(demo.url + path);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const rows = await page.locator("main tbody tr").count();
    // The other rows of a full page would be as tall as those that are there.
    const row = await page.locator("main tbody tr").evaluateAll((rows) => rows.reduce((sum, row) => sum + row.getBoundingClientRect().height, 0) / Math.max(1, rows.length));
    assert.ok(height + (50 - rows) * row < 3_000, `${path}: ${height} px with ${rows} rows of ${Math.round(row)} px`);
    const small = await page.locator("main .button, main .input, main .select, main .tabs a, main .pick-box input, main .help > summary, .topbar .button").evaluateAll((all) =>
      all.filter((one) => one.checkVisibility()).map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
        .filter(([, { width, height }]) => height > 0 && (height < 44 || width < 44)).map(([html, { width, height }]) => `${html}: ${width} × ${height}`));
    assert.deepEqual(small, [], path);
  }
  await page.goto(`${demo.url}/admin`);
  await page.locator('.topbar a[href="/admin/search"]').click();
  await page.waitForURL(/\/admin\/search$/);
  await page.locator("#q").fill("autumn");
  await page.locator("#q").press("Enter");
  await page.waitForURL(/q=autumn/);
});
