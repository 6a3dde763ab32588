// Without JavaScript: sign in, make a pixel, edit it, export its tag, delete it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADMIN, makePixel, newPage, setUp, signIn, startApi, startBrowser, startServer } from "../support/harness.mjs";

test("everything about a pixel can be done without JavaScript", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser, { javaScriptEnabled: false });
  await setUp(page, server);
  await makePixel(page, server, "Sign-up");
  await (await startApi(server))("segment", { short_name: "Customers" });
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, server, ADMIN);

  // Rows are added by the server, and nothing typed is lost.
  await page.goto(`${server.url}/admin/pixels/new`);
  await page.getByLabel("Name", { exact: true }).fill("Purchase");
  await page.getByLabel("URL").fill("https://a.example/1");
  await page.getByRole("button", { name: "Add a piggyback" }).click();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Purchase");
  await page.getByLabel("URL").nth(1).fill("a.example/no-address");
  await page.getByLabel("Type").nth(1).selectOption("js");
  await page.getByRole("button", { name: "Create pixel" }).click();
  await page.getByRole("alert").getByText("one answer needs a look").waitFor();
  assert.equal(await page.getByLabel("URL").nth(0).inputValue(), "https://a.example/1");
  await page.getByLabel("URL").nth(1).fill("https://a.example/2.js");
  await page.getByRole("button", { name: "Create pixel" }).click();
  await page.getByText("https://a.example/2.js").waitFor();

  // An emptied row is left out.
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("URL").nth(1).fill("");
  await page.getByLabel("Name", { exact: true }).fill("Sale");
  await page.getByLabel("Name", { exact: true }).press("Enter");
  await page.getByRole("heading", { level: 1, name: "Sale" }).waitFor();
  assert.equal(await page.getByText("https://a.example/2.js").count(), 0);

  await page.getByRole("link", { name: "Export tags" }).last().click();
  await page.locator("label[for=kind-script]").click();
  await page.getByRole("checkbox", { name: /^Currency/ }).check();
  await page.getByRole("checkbox", { name: /image for browsers without scripts/ }).waitFor({ state: "hidden" });
  await page.getByLabel("Segment", { exact: true }).selectOption({ label: "Customers (1)" });
  await page.getByLabel("Value", { exact: true }).last().fill("5");
  await page.getByRole("button", { name: "Add a segment" }).click();
  await page.getByLabel("Segment", { exact: true }).nth(1).waitFor();
  await page.getByRole("checkbox", { name: /image for browsers without scripts/ }).check();
  await page.getByRole("button", { name: "Show the tags" }).click();
  const tag = await page.locator("#tags pre").innerText();
  const [url, image] = [1, 2].map((form) => `${server.url}/px?id=2&seg=1:5&order_id=[ORDER_ID]&value=[REVENUE]&currency=[CURRENCY]&t=${form}`);
  assert.equal(tag, `<script src="${url}" async></script>\n<noscript><img src="${image}" width="1" height="1" alt="" /></noscript>`);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download .txt" }).click()]);
  assert.equal(file.suggestedFilename(), "tags.txt");
  const text = await file.createReadStream().then(async (stream) => Buffer.concat(await stream.toArray()).toString());
  assert.equal(text, `2 Sale\n${tag}\n\n`);

  assert.equal(await page.getByRole("radio", { name: /^Server-side/ }).isDisabled(), true);
  await page.getByText("Not offered here: a server-side pixel cannot put visitors into segments").waitFor();

  await page.goto(`${server.url}/admin/pixels/2`);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete pixel" }).click();
  await page.getByText("“Sale” is deleted.").waitFor();
});

test("with it, the tags follow every choice, and the choices stay where one is", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await makePixel(page, server);
  await page.goto(`${server.url}/admin/export`);
  const tag = page.locator("#tags pre");
  await tag.getByText("/px?id=1&order_id=[ORDER_ID]&value=[REVENUE]&t=2").waitFor();
  await page.getByRole("checkbox", { name: /^Event id/ }).press("Space");
  await tag.getByText("&event_id=[EVENT_ID]&t=2").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.value), "event_id");
  await page.getByRole("radio", { name: /^Server-side/ }).press("Space");
  await tag.getByText("/sspx?id=1&").waitFor();
  assert.equal(await page.getByRole("checkbox", { name: /^Redirect URL/ }).isDisabled(), true);
  await page.getByText("Not offered here: a server-side pixel cannot redirect").waitFor();
  assert.match(page.url(), /kind=server/, "the address can be handed on");
  await page.reload();
  await tag.getByText("/sspx?id=1&").waitFor();
});
