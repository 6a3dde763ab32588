-- What wrk sends: fires as a shop's thank-you page would, of 4,096 visitors, each request with an order id of its own.
-- They are put together beforehand, so that wrk spends little on it and the servers under test get the processor.
local requests, at = {}, 0

function init()
  for n = 1, 4096 do
    local path = string.format("/px?id=1&order_id=A-%08d&value=%d.50&t=2", n, n % 200)
    requests[n] = wrk.format("GET", path, {
      ["Host"] = wrk.host,
      ["Cookie"] = string.format("pxid=%016x", n * 7919),
      ["Referer"] = "https://shop.example/thanks",
      ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    })
  end
end

function request()
  at = at % 4096 + 1
  return requests[at]
end

-- requests, microseconds, failed, p50 and p99 in milliseconds
function done(summary, latency)
  local e = summary.errors
  print(string.format("result %d %d %d %.3f %.3f", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
