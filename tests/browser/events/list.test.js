// The list of events in the demo: tabs, filters and pages with and without JavaScript; its height on a phone; axe.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newPage, startBrowser } from "../support/browser.mjs";
import { faults, sideways } from "../support/pages.mjs";
import { startDemo } from "../support/servers.mjs";
import { signIn } from "../support/admin.mjs";

const rows = (page) => page.locator("main tbody tr");
const tab = (page, name) => page.locator('nav[aria-label="Outcome"] a').filter({ hasText: new RegExp(`^${name}`) });
const number = (text) => Number(text.replace(/\D/g, ""));
const height = (locator) => locator.evaluate((element) => element.getBoundingClientRect().height);

async function start(t, options) {
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t), options);
  await signIn(page, demo, { user: demo.user, password: demo.password });
  await page.goto(`${demo.url}/admin/conversions?range=last_7_days`);
  return page;
}

for (const javaScriptEnabled of [true, false]) {
  test(`tabs, filters and pages work ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const page = await start(t, { javaScriptEnabled, viewport: { width: 1280, height: 900 } });
    const count = async (name) => number(await tab(page, name).locator("small").innerText());
    const all = await count("All");
    assert.equal(all, (await count("Credited")) + (await count("Not credited")) + (await count("Ignored")));
    assert.equal(await rows(page).count(), 50);
    assert.equal(await height(rows(page).nth(3)), 36, "one line a row");

    await tab(page, "Ignored").click();
    await page.waitForURL(/outcome=not_counted/);
    assert.equal(await rows(page).locator(".is-ignored").count(), await rows(page).count());
    await page.locator('select[name="reason"]').selectOption("bot");
    await page.locator("form.filters > button").click();
    await page.waitForURL(/reason=bot/);
    assert.match(page.url(), /outcome=not_counted/);
    assert.equal(await rows(page).count(), Math.min(50, await count("Ignored")));

    await tab(page, "All").click();
    await page.waitForURL((url) => !url.searchParams.has("outcome"));
    await page.locator('select[name="reason"]').selectOption("");
    await page.locator("form.filters > button").click();
    await page.waitForURL((url) => !url.searchParams.get("reason"));
    const first = await rows(page).first().locator("a.row").getAttribute("href");
    await page.locator('a[rel="next"]').click();
    await page.waitForURL(/before=/);
    assert.equal(await page.locator(`a.row[href="${first}"]`).count(), 0);
    await page.locator('a[rel="prev"]').click();
    await page.waitForURL(/after=/);
    assert.equal(await rows(page).first().locator("a.row").getAttribute("href"), first);

    const order = (await page.locator("td.r2 .mono").first().innerText()).toLowerCase();
    await page.locator("#search").fill(`#${order} `);
    await page.locator("#search").press("Enter");
    await page.waitForURL(/search=/);
    assert.equal((await page.locator("td.r2 .mono").first().innerText()).toLowerCase(), order);

    await page.locator("form.filters details.pick > summary").click();
    await page.locator("#value_from").fill("100,50");
    await page.locator("#search").fill("");
    await page.locator("form.filters > button").click();
    await page.waitForURL(/value_from=100/);
    const values = await page.locator("td.r1").allInnerTexts();
    assert.ok(values.length > 0 && values.every((value) => Number(value.replace(/[^\d.]/g, "")) >= 100.5), values.join());
    await page.locator(".filters-on a").click();
    await page.waitForURL((url) => !url.searchParams.get("value_from"));
  });
}

test("fifty events fit on a phone, two lines each, and the whole row is the link", async (t) => {
  const page = await start(t, { viewport: { width: 375, height: 740 } });
  assert.equal(await rows(page).count(), 50);
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(tall < 3_700, `${tall} px in all`);
  const list = await height(page.locator("main table"));
  assert.ok(list <= 3_000, `${list} px of rows`);
  assert.ok((await height(rows(page).nth(3))) <= 60);
  assert.equal(await sideways(page), 0);
  assert.deepEqual(await faults(page), []);
  const { x, y, width } = await rows(page).nth(2).boundingBox();
  await page.mouse.click(x + width - 8, y + 8);
  await page.waitForURL(/\/admin\/conversions\/\d+$/);
});
