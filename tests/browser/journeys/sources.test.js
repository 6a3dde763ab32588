// Sources: made from a template, tried on addresses, and put in order; with the script and without it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteIt, flash, heading, link, makePixel, navigate, setUp, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { faults, isFocused, oddities, sideways } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

async function start(t, options = {}) {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), options);
  await setUp(page, server);
  const create = await makePixel(page, server);
  await create("line-item", { name: "Meta prospecting", pixels: [{ id: 1 }] }, "advertiser_id=1");
  return { server, page };
}

const names = (page) => page.locator("tbody .name a").allTextContents();

async function fromTemplate(page, key, name) {
  await page.locator(`.templates a[href$="template=${key}"]`).click();
  await page.locator("#line_item_id").selectOption("1");
  if (name) await page.locator("#name").fill(name);
  await submit(page);
  await flash(page).waitFor();
}

for (const javaScriptEnabled of [true, false]) {
  test(`templates, tester and order${javaScriptEnabled ? "" : ", without JavaScript"}`, async (t) => {
    const { page } = await start(t, { javaScriptEnabled });
    if (javaScriptEnabled) await navigate(page, "/admin/sources");
    else await page.goto(new URL("/admin/sources", page.url()).href);
    await fromTemplate(page, "google");
    await fromTemplate(page, "meta", "Meta, paid");
    await fromTemplate(page, "newsletter");
    assert.deepEqual(await names(page), ["Google Ads", "Meta, paid", "Newsletter"]);

    const tryIt = async (address) => {
      await page.locator('.tester [name="url"]').fill(address);
      await page.locator(".tester button").click();
      await page.locator("#try .notice").waitFor();
      return page.locator("#try .notice").innerText();
    };
    const unpaid = await tryIt("https://shop.example/?fbclid=IwZXh0bgNhZW0&utm_source=facebook&utm_medium=social");
    assert.match(unpaid, /No source matches/);
    assert.match(unpaid, /Closest: Meta, paid\. The address has fbclid, but utm_medium is “social”/);
    assert.equal(await page.locator("#try .checks li").count(), 3);
    assert.match(await tryIt("https://shop.example/?fbclid=x&utm_medium=paid_social"), /Meta, paid takes this arrival/);
    assert.match(await tryIt("https://shop.example/?gclid=x&fbclid=x&utm_medium=cpc"), /Google Ads takes this arrival/);

    await page.getByRole("button", { name: "Move Google Ads down" }).click();
    await page.waitForURL(/#source-1$/);
    assert.deepEqual(await names(page), ["Meta, paid", "Google Ads", "Newsletter"]);
    assert.match(await tryIt("https://shop.example/?gclid=x&fbclid=x&utm_medium=cpc"), /Meta, paid takes this arrival/);
    assert.ok(await page.getByRole("button", { name: "Move Meta, paid up" }).isDisabled());

    await page.getByRole("link", { name: "Newsletter", exact: true }).first().click();
    await heading(page, "Newsletter").waitFor();
    await page.getByText("utm_source=newsletter&utm_medium=email").waitFor();
    await deleteIt(page);
    assert.deepEqual(await names(page), ["Meta, paid", "Google Ads"]);
  });
}

test("the form adds parameters, and the pages keep the look", async (t) => {
  const { server, page } = await start(t);
  await page.goto(`${server.url}/admin/sources/new?template=meta`);
  await page.locator("#line_item_id").selectOption("1");
  await page.locator('[data-add-row="parameter"]').click();
  const second = page.locator('[name="parameter"]').nth(1);
  assert.ok(await isFocused(second), "the focus is in the new row");
  await second.fill("ref, via");
  await page.locator('[name="parameter_values"]').nth(1).fill("*");
  await submit(page);
  await page.getByText("ref or via is set").waitFor();
  await link(page, "/admin/sources/1").click();
  await heading(page, "Meta Ads").waitFor();
  for (const path of ["/admin/sources?url=https://shop.example/?fbclid=x", "/admin/sources/1", "/admin/sources/1/edit", "/admin/sources/new?template=google"]) {
    for (const width of [1280, 375, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(server.url + path);
      assert.deepEqual(await faults(page), [], `${path} at ${width}`);
      assert.deepEqual(await oddities(page), [], path);
      assert.equal(await sideways(page), 0, `${path} at ${width}`);
    }
  }
});
