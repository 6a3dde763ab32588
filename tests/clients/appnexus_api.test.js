// The npm package appnexus-api, unchanged, against the running program.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { promisify } = require("node:util");
const appnexus = require("appnexus-api");

const { PIXELD_URL: endpoint, PIXELD_USER: username, PIXELD_PASSWORD: password } = process.env;

test("the client creates, reads, changes and deletes an object", async () => {
  const client = appnexus.create({ endpoint, username, password });
  const call = (name) => promisify(client[name]).bind(client);
  client.token = await call("authenticate")();

  const { id, name } = await call("create")("advertiser", { name: "Gloves", code: "gloves" });
  assert.equal(name, "Gloves");
  assert.equal(typeof id, "number");
  assert.equal((await call("get")("advertiser", id)).name, "Gloves");
  assert.equal((await call("get")("advertiser", { code: "gloves" })).id, id);
  await call("update")("advertiser", id, { name: "Mittens" });
  assert.equal((await call("get")("advertiser", id)).name, "Mittens");
  const limits = await call("limits")();
  assert.equal(limits.read_limit_seconds, 60);
  await call("destroy")("advertiser", id);
  await assert.rejects(call("get")("advertiser", id), { error_id: "SYNTAX", message: /not found/ });
});
