// Two people who edit one pixel at once choose field by field, and a deleted one comes back: with and without JavaScript.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteIt, flash, heading, makePixel, openFold, setUp, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { faults } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`two people edit and delete one pixel, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const server = await startServer(t);
    const browser = await startBrowser(t);
    const page = await newPage(t, browser, { javaScriptEnabled });
    await setUp(page, server);
    await makePixel(page, server, "Purchase");
    const edit = `${server.url}/admin/pixels/1/edit`;

    // One person in two tabs is as good as two.
    const late = await page.context().newPage();
    await late.goto(edit);
    await page.goto(edit);
    await page.locator("#name").fill("Purchase, web shop");
    await openFold(page, "Advanced");
    await page.locator("#code").fill("web");
    await submit(page);
    await flash(page).waitFor();
    await late.locator("#name").fill("Purchases");
    await openFold(late, "Advanced");
    await late.locator("#max_value").fill("5000");
    await submit(late);
    await heading(late, "Edit Purchase, web shop").waitFor();
    assert.deepEqual(await late.locator("main tbody td:first-child").allInnerTexts(), ["Name"]);
    await late.locator('input[name="keep_name"][value="theirs"]').check();
    if (javaScriptEnabled) assert.deepEqual(await faults(late), []);
    await submit(late);
    await heading(late, "Purchase, web shop").waitFor();
    await late.goto(edit);
    const values = await Promise.all(["#name", "#code", "#max_value"].map((id) => late.locator(id).inputValue()));
    assert.deepEqual(values, ["Purchase, web shop", "web", "5000.00"]);

    // What one deletes while the other edits it comes back with what the other typed.
    await late.locator("#name").fill("Purchases, all");
    await page.goto(`${server.url}/admin/pixels/1`);
    await deleteIt(page);
    await submit(late);
    await heading(late, "There is no pixel 1").waitFor();
    await late.getByRole("button", { name: "Restore it" }).click();
    await heading(late, "Edit Purchase, web shop").waitFor();
    assert.equal(await late.locator("#name").inputValue(), "Purchases, all");
    await submit(late);
    await heading(late, "Purchases, all").waitFor();
    await deleteIt(late);
    await late.goto(`${server.url}/admin/pixels/1`);
    await heading(late, "There is no pixel 1").waitFor();
    if (javaScriptEnabled) assert.deepEqual(await faults(late), []);
    await late.goto(`${server.url}/admin/bin`);
    if (javaScriptEnabled) assert.deepEqual(await faults(late), []);
    await late.locator('main form[action$="/restore"] button').click();
    await heading(late, "Purchases, all").waitFor();

    // An advertiser with a pixel wants its name typed.
    await late.goto(`${server.url}/admin/advertisers/1`);
    await late.locator("main .head .pick > .bare").click();
    await late.locator('main form[action$="/delete"] button').click();
    await late.locator("#typed_name").fill("no");
    await submit(late);
    assert.equal(await late.locator("#typed_name").getAttribute("aria-invalid"), "true");
    const name = await late.locator(".crumbs a").nth(1).innerText();
    await late.locator("#typed_name").fill(name.toUpperCase());
    await submit(late);
    await flash(late).waitFor();
    await late.goto(`${server.url}/admin/bin`);
    await late.locator('main form[action$="/restore"] button').click();
    await heading(late, name).waitFor();
  });
}
