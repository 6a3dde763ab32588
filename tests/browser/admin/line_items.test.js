// What the little script adds to the line item form, and that it works without.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makePixel, newPage, setUp, startBrowser, startServer } from "../support/harness.mjs";

// A server with an advertiser and two pixels, of which the second has values of its own.
async function withPixels(t, options = {}) {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), options);
  await setUp(page, server);
  await makePixel(page, server, "Purchase");
  await page.goto(server.url + "/admin/pixels/new");
  await page.getByLabel("Name", { exact: true }).fill("Sign-up");
  await page.getByLabel("Post-click").fill("12.50");
  await page.getByLabel("Post-view").fill("4");
  await page.getByRole("button", { name: "Create pixel" }).click();
  await page.goto(server.url + "/admin/line-items/new");
  return { server, page };
}

test("pixels are attached and taken off without a reload, and show their own values", async (t) => {
  const { page } = await withPixels(t);
  await page.getByLabel("Name", { exact: true }).fill("Autumn sale");
  await page.getByLabel("Pixel").first().selectOption({ label: "Purchase (1)" });
  await page.getByLabel("Post-click").first().fill("15");
  await page.getByRole("button", { name: "Attach another pixel" }).click();
  const second = page.getByLabel("Pixel").nth(1);
  assert.equal(await second.evaluate((select) => select === document.activeElement), true, "it goes on there");
  await second.selectOption({ label: "Sign-up (2)" });
  assert.equal(await page.getByLabel("Post-click").nth(1).getAttribute("placeholder"), "12.50");
  assert.equal(await page.getByLabel("Post-view").nth(1).getAttribute("placeholder"), "4.00");
  await second.selectOption({ label: "Purchase (1)" });
  assert.equal(await page.getByLabel("Post-click").nth(1).getAttribute("placeholder"), "");
  await second.selectOption({ label: "Sign-up (2)" });
  await page.getByRole("button", { name: "Remove" }).first().click();

  await page.getByLabel("Name", { exact: true }).press("Enter");
  await page.getByRole("heading", { level: 1, name: "Autumn sale" }).waitFor();
  await page.getByRole("cell", { name: /^Sign-up/ }).waitFor();
  assert.equal(await page.getByRole("cell", { name: /^Purchase/ }).count(), 0);

  await page.getByRole("link", { name: "Edit" }).click();
  for (let row = 1; row < 20; row += 1) await page.getByRole("button", { name: "Attach another pixel" }).click();
  assert.equal(await page.getByLabel("Pixel").count(), 20);
  await page.getByRole("button", { name: "Attach another pixel" }).click();
  await page.getByText("At most 20.", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Pixel").count(), 20);
});

test("without JavaScript a line item, its publisher and its tracker are made", async (t) => {
  const { server, page } = await withPixels(t, { javaScriptEnabled: false });
  await page.getByLabel("Name", { exact: true }).fill("Autumn sale");
  await page.getByLabel("Pixel").first().selectOption({ label: "Purchase (1)" });
  await page.getByRole("button", { name: "Attach another pixel" }).click();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Autumn sale");
  await page.getByLabel("Pixel").nth(1).selectOption({ label: "Sign-up (2)" });
  await page.getByRole("button", { name: "Create line item" }).click();
  await page.getByRole("cell", { name: /^Sign-up/ }).waitFor();

  await page.goto(server.url + "/admin/publishers/new");
  await page.getByLabel("Name", { exact: true }).fill("Daily News");
  await page.getByRole("button", { name: "Create publisher" }).click();
  await page.getByRole("link", { name: "New tracker" }).click();
  await page.getByRole("radio", { name: /^Views/ }).press("ArrowRight");
  await page.getByLabel("Name", { exact: true }).fill("Newsletter link");
  await page.getByLabel("Line item").selectOption({ label: "Autumn sale (1)" });
  await page.getByRole("textbox", { name: "Landing page" }).fill("https://shop.example/");
  await page.getByRole("button", { name: "Create tracker" }).click();
  await page.getByText(server.url + "/clktr?id=1&cachebuster=[CACHEBUSTER]").waitFor();

  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByText("Links that still carry it will lead nowhere").waitFor();
  await page.getByRole("button", { name: "Delete tracker" }).click();
  await page.getByText("“Newsletter link” is deleted.").waitFor();
});
