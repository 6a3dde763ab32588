// Live events: what visitors do shows up on an open page by itself, and a tag is tried out before anybody puts it on a site.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makePixel, newPage, setUp, startBrowser, startServer, startSite } from "../support/harness.mjs";

const TAG = (server, query) => `<img src="${server.url}/px?id=1&${query}&t=2" width="1" height="1" alt="" />`;
const row = (page, text) => page.locator(".event").filter({ hasText: text });

test("an open page tells of a fire with its verdict, can be paused, and opens the whole request", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  await makePixel(page, server);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Live events" }).click();
  await page.getByRole("heading", { name: "Nothing has come in yet" }).waitFor();
  await page.getByText("Watching: what comes in shows up here.").waitFor();

  const order = (number, more = "") => TAG(server, `order_id=A-${number}&value=10${more}`);
  const shop = await startSite(t, { "/1": order(1), "/2": order(2), "/3": order(3, ",00") });
  const visitor = await newPage(t, browser);
  await visitor.goto(shop.url + "/1");
  await row(page, "order A-1").getByText("unattributed").waitFor();
  await page.getByText("1 row came in since you opened this page.").waitFor();
  assert.equal(await page.getByText("Nothing has come in yet").isVisible(), false);

  await row(page, "order A-1").locator("summary").focus();
  await page.keyboard.press("Enter");
  await page.getByText("/px?id=1&order_id=A-1&value=10&t=2", { exact: true }).waitFor();
  const why = await row(page, "order A-1").getByRole("link", { name: "Why, step by step" }).getAttribute("href");
  assert.match(why, /^\/admin\/conversions\/\d+$/);

  await page.getByRole("button", { name: "Pause" }).click();
  await visitor.goto(shop.url + "/2");
  await page.getByText("Paused.").waitFor();
  assert.equal(await row(page, "order A-2").count(), 0);
  await page.getByRole("button", { name: "Go on" }).click();
  await row(page, "order A-2").waitFor();
  await visitor.goto(shop.url + "/3");
  await row(page, "order A-3").getByText("1 warning").waitFor();
  assert.deepEqual(await page.locator(".event-sub").allInnerTexts().then((subs) => subs.map((sub) => sub.slice(6, 9))), ["A-3", "A-2", "A-1"]);
  assert.equal(await row(page, "order A-1").locator("details").getAttribute("open"), "", "what is read stays open");
});

for (const kind of ["image", "script"]) {
  test(`the export's test button shows the fire of a ${kind} tag arriving`, async (t) => {
    const server = await startServer(t);
    const page = await newPage(t, await startBrowser(t));
    await setUp(page, server);
    await makePixel(page, server);
    await page.goto(`${server.url}/admin/export?id=1`);
    if (kind === "script") {
      await page.locator("label[for=kind-script]").click();
      await page.getByRole("button", { name: "Show the tags" }).click();
    }
    await page.getByRole("link", { name: "Test Purchase" }).click();
    await page.getByText("This page carries the tag").waitFor();
    await row(page, /order TEST-\d{6}/).getByText("not counted").waitFor();
    await row(page, "TEST-").locator("summary").click();
    await row(page, "TEST-").getByText(`by ${kind} tag`).waitFor();
    await page.goto(`${server.url}/admin`);
    await page.getByText("From nothing to the first counted conversion").waitFor();
  });
}

test("a test is watched for by a link, and stays out of the counts", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  await makePixel(page, server);
  await page.goto(`${server.url}/admin/live`);
  await page.getByRole("link", { name: "Test a tag" }).first().click();
  await page.getByLabel("Pixel to test").selectOption({ label: "Purchase" });
  await page.getByRole("button", { name: "Test it" }).click();
  await page.getByRole("heading", { name: "Waiting for a test" }).waitFor();
  const visitor = await newPage(t, browser);
  await visitor.goto(await page.getByRole("link", { name: "Open the link" }).getAttribute("href"));
  await row(page, "order TEST-").getByText("not counted").waitFor();
});

test("without JavaScript the page is reloaded by hand", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser, { javaScriptEnabled: false, viewport: { width: 375, height: 700 } });
  await setUp(page, server);
  await makePixel(page, server);
  await page.goto(`${server.url}/admin/live`);
  assert.equal(await page.getByRole("button", { name: "Pause" }).isVisible(), false);
  const shop = await startSite(t, { "/": TAG(server, "order_id=A-1") });
  const visitor = await newPage(t, browser);
  await visitor.goto(shop.url, { waitUntil: "networkidle" });
  await page.getByRole("link", { name: "Reload" }).click();
  await row(page, "order A-1").locator("summary").click();
  await page.getByText("/px?id=1&order_id=A-1&t=2", { exact: true }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
});
