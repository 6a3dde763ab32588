// From nothing to a tag on a page, and what the little script adds to the pages of pixels.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makePixel, newPage, reloadUntil, setUp, startBrowser, startServer, startSite } from "../support/harness.mjs";

test("a newcomer has a tag on a page and sees its fire", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await makePixel(page, server);
  await page.getByText("“Purchase” is made.").waitFor();

  await page.getByRole("button", { name: /^Copy/ }).click();
  await page.getByText("Copied").waitFor();
  const tag = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(tag, /^<img src="http:\/\/127\.0\.0\.1:\d+\/px\?id=1&order_id=\[ORDER_ID\]&value=\[REVENUE\]&t=2"/);

  const shop = await startSite(t, { "/thanks": tag.replace("[ORDER_ID]", "A-1").replace("[REVENUE]", "49.90") });
  const visitor = await newPage(t, page.context().browser());
  await visitor.goto(shop.url + "/thanks", { waitUntil: "networkidle" });

  await reloadUntil(page, page.getByRole("cell", { name: "A-1" }));
  const time = page.locator("tbody time").first();
  assert.match(await time.getAttribute("title"), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/, "UTC on hover");
  await page.locator("tbody a").last().click();
  await page.getByRole("heading", { level: 1, name: "Why this conversion is credited to nobody" }).waitFor();
  await page.getByText("The pixel is on no line item").first().waitFor();
});

test("piggybacks are added, checked as typed and taken away without a reload", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await makePixel(page, server);
  await page.getByRole("link", { name: "Edit" }).click();

  await page.getByLabel("URL").first().fill("https://a.example/p?o=${ORDER_ID}");
  await page.getByRole("button", { name: "Add a piggyback" }).click();
  await page.getByLabel("Type").nth(1).selectOption("js");
  await page.getByLabel("URL").nth(1).fill("a.example/t.js");
  await page.keyboard.press("Tab");
  await page.getByText("it must start with https:// or http://").waitFor();
  await page.getByLabel("URL").nth(1).fill("https://a.example/t.js");
  await page.getByText("it must start with https:// or http://").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Remove" }).first().click();
  await page.getByLabel("Name", { exact: true }).press("Enter");

  await page.getByText("earlier conversions stay as they were judged").waitFor();
  await page.getByText("https://a.example/t.js").waitFor();
  assert.equal(await page.getByText("https://a.example/p").count(), 0, "the removed one is gone; Enter saved");
  await page.getByText("Script, http").first().waitFor();
});

for (const javaScriptEnabled of [true, false]) {
  test(`what is destroyed is asked about first, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const server = await startServer(t);
    const page = await newPage(t, await startBrowser(t), { javaScriptEnabled });
    await setUp(page, server);
    await makePixel(page, server);

    await page.goto(server.url + "/admin/pixels");
    await page.getByLabel("Select Purchase").check();
    await page.getByRole("button", { name: "Deactivate" }).click();
    if (javaScriptEnabled) {
      await page.getByRole("button", { name: "Keep it as it is" }).click();
      assert.equal(await page.getByText("1 selected").count(), 1);
      await page.getByRole("button", { name: "Deactivate" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
    } else {
      await page.getByRole("heading", { name: "Deactivate 1 pixel?" }).waitFor();
      await page.getByRole("button", { name: "Deactivate" }).click();
    }
    await page.getByText("1 pixel now inactive.").waitFor();

    await page.getByRole("link", { name: "Purchase" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete pixel" }).click();
    await page.getByText("“Purchase” is deleted.").waitFor();
    await page.getByRole("heading", { name: "No pixels yet" }).waitFor();
  });
}
