// The npm package anx-api, unchanged, against the running program. Only the host differs.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { AnxApi } = require("anx-api");

const { PIXELD_URL, PIXELD_USER, PIXELD_PASSWORD, PIXELD_TOKEN } = process.env;

async function signedIn() {
  const api = new AnxApi({ target: PIXELD_URL });
  await api.login(PIXELD_USER, PIXELD_PASSWORD);
  return api;
}

const unwrap = (answer) => {
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body.response.status, "OK", JSON.stringify(answer.body));
  return answer.body.response;
};

test("the client creates, reads, changes and deletes an object", async () => {
  const api = await signedIn();
  const advertiser = unwrap(await api.post("/advertiser", { advertiser: { name: "Shoes" } })).id;
  const path = `/pixel?advertiser_id=${advertiser}`;
  const created = unwrap(await api.post(path, { pixel: { name: "Purchase", trigger_type: "hybrid" } }));
  assert.equal(typeof created.id, "number");
  assert.equal(created.pixel.name, "Purchase");

  const read = unwrap(await api.get(`/pixel?id=${created.id}`));
  assert.deepEqual(read.pixel, created.pixel);
  assert.equal(read[read.dbg_info.output_term].name, "Purchase");

  // Sends the object back with one change.
  const changed = unwrap(await api.put(`/pixel?id=${created.id}`, { pixel: { ...read.pixel, name: "Sale" } }));
  assert.equal(changed.pixel.name, "Sale");
  assert.equal(changed.id, String(created.id));

  unwrap(await api.delete(`/pixel?id=${created.id}`));
  await assert.rejects(api.get(`/pixel?id=${created.id}`), (error) => {
    assert.equal(error.statusCode ?? error.res?.statusCode, 404);
    return true;
  });
});

test("the client filters lists and pages to their end", async () => {
  const api = await signedIn();
  const advertiser = unwrap(await api.post("/advertiser", { advertiser: { name: "Hats", code: "hats" } })).id;
  for (let number = 0; number < 205; number += 1) {
    await api.post(`/pixel?advertiser_code=hats`, { pixel: { name: `Pixel ${number}`, code: `p${number}` } });
  }
  const path = `/pixel?advertiser_id=${advertiser}&sort=id.asc`;
  const all = await api.getAll(path);
  const pixels = all.body.response.pixels;
  assert.equal(pixels.length, 205);
  assert.equal(new Set(pixels.map((pixel) => pixel.id)).size, 205);

  const page = unwrap(await api.get(path, { startElement: 200, numElements: 3 }));
  assert.deepEqual(page.pixels.map((pixel) => pixel.code), ["p200", "p201", "p202"]);
  assert.deepEqual([page.count, page.start_element, page.num_elements], [205, 200, 3]);

  const matches = unwrap(await api.get("/pixel", { params: { like_name: "pixel 20", advertiser_id: advertiser } }));
  assert.deepEqual(matches.pixels.map((pixel) => pixel.code), ["p20", "p200", "p201", "p202", "p203", "p204"]);
  const some = unwrap(await api.get("/pixel", { params: { id: pixels.slice(0, 2).map((pixel) => pixel.id) } }));
  assert.equal(some.count, 2);
});

test("the client recognises errors", async () => {
  const stranger = new AnxApi({ target: PIXELD_URL });
  await assert.rejects(stranger.get("/pixel"), { name: "NotAuthenticatedError" });
  await assert.rejects(stranger.login(PIXELD_USER, "not the password"), { name: "NotAuthenticatedError" });
  const api = new AnxApi({ target: PIXELD_URL, token: PIXELD_TOKEN });
  unwrap(await api.get("/member"));
  await assert.rejects(api.post("/pixel?advertiser_id=999999", { pixel: { name: "x" } }));
});

test("the client requests, polls and downloads a report", async () => {
  const api = await signedIn();
  const report = { report_type: "attributed_conversions", columns: ["pixel_id", "order_id"], report_interval: "today" };
  const { report_id } = unwrap(await api.post("/report", { report }));
  let status = "pending";
  for (let polls = 0; status !== "ready"; polls += 1) {
    assert.ok(polls < 200, "the report is ready in time");
    await new Promise((resolve) => setTimeout(resolve, 50));
    status = unwrap(await api.get(`/report?id=${report_id}`)).execution_status;
  }
  const file = await api.get(`/report-download?id=${report_id}`);
  assert.match(String(file.body), /^pixel_id,order_id/);
});
