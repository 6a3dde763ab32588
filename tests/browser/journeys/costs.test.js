// Costs: a file of Google Ads whose days and amounts can be read in two ways, imported and undone; with the script and
// without it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { flash, makePixel, setUp } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { faults, oddities, sideways } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

const file = (name) => {
  const address = new URL(`../../it/admin/costs/files/${name}`, import.meta.url);
  return { name, mimeType: "text/csv", buffer: readFileSync(address) };
};

async function keepsTheLook(page, what) {
  const { width } = page.viewportSize();
  for (const narrow of [1280, 375, 320]) {
    await page.setViewportSize({ width: narrow, height: 900 });
    assert.deepEqual(await faults(page), [], `${what} at ${narrow}`);
    assert.deepEqual(await oddities(page), [], what);
    assert.equal(await sideways(page), 0, `${what} at ${narrow}`);
  }
  await page.setViewportSize({ width, height: 900 });
}

for (const javaScriptEnabled of [true, false]) {
  test(`a file with riddles is imported and undone${javaScriptEnabled ? "" : ", without JavaScript"}`, async (t) => {
    const server = await startServer(t);
    const page = await newPage(t, await startBrowser(t), { javaScriptEnabled });
    await setUp(page, server);
    const create = await makePixel(page, server);
    await create("line-item", { name: "Brand search", pixels: [{ id: 1 }] }, "advertiser_id=1");
    const look = javaScriptEnabled ? keepsTheLook : async () => {};
    const primary = page.locator("main .button.primary");

    await page.goto(`${server.url}/admin/costs`);
    await look(page, "no costs");
    await primary.click();
    await page.locator("#file").setInputFiles(file("google_ads_riddles.csv"));
    await look(page, "the choice of a file");
    await primary.click();

    await page.getByText("01/11/2026 is 1 November 2026").waitFor();
    await look(page, "columns");
    await primary.click();
    await page.locator("main .notice.bad").waitFor();
    assert.equal(await page.locator("main .notice.bad li").count(), 2, "both riddles are asked");
    await page.locator('label[for="answer_day-day"]').click();
    await page.locator('label[for="answer_amount-point"]').click();
    await page.locator("#currency").fill("EUR");
    await primary.click();

    await page.locator("#to_1").waitFor();
    assert.equal(await page.locator("#to_0").inputValue(), "1", "the line item of the same name is proposed");
    await look(page, "campaigns");
    await page.locator("#to_1").selectOption("new");
    await primary.click();

    await page.getByText("3,734.00").first().waitFor();
    await look(page, "the check");
    assert.equal(await primary.innerText(), "Import 2 rows");
    await primary.click();
    await flash(page).waitFor();
    await look(page, "imports");

    await page.goto(`${server.url}/admin/costs?from=2026-11-01&to=2026-11-30`);
    await look(page, "costs");
    assert.equal(await page.locator("tbody tr").count(), 3, "a row of totals and two days");
    await page.goto(`${server.url}/admin/costs/new`);
    await look(page, "the form");

    await page.goto(`${server.url}/admin/costs/imports`);
    await page.locator('form[action$="/undo"] button').click();
    await page.locator("dialog .danger, main .danger").first().click();
    await flash(page).waitFor();
    await page.goto(`${server.url}/admin/costs?from=2026-11-01&to=2026-11-30`);
    await page.locator("main .empty").waitFor();
  });
}
