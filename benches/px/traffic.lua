-- What wrk sends: the requests that `px_bench requests` wrote to the file named by REQUESTS, in turn. They are put together
-- beforehand, so that wrk spends little on it and the servers under test get the processor; only an order id is added.
-- With PACE (milliseconds) each connection waits so long between an answer and the next request.
local requests, at, order = {}, 0, 0
local pace = tonumber(os.getenv("PACE"))

function init()
  for n, sent in ipairs(dofile(os.getenv("REQUESTS"))) do
    local path, cookie, page = sent[1], sent[2], sent[3]
    local headers = { ["Host"] = wrk.host, ["Referer"] = page,
      ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" }
    if cookie ~= "" then headers["Cookie"] = cookie end
    local request = wrk.format("GET", path, headers)
    local _, last = request:find("order_id=", 1, true)
    requests[n] = last and { request:sub(1, last), request:sub(last + 1) } or request
  end
  math.randomseed(os.time())
  order = math.random(1000000000)
end

function request()
  at = at % #requests + 1
  local next = requests[at]
  if type(next) == "string" then return next end
  order = order + 1
  return next[1] .. "A-" .. order .. next[2]
end

if pace then
  -- wrk waits whole milliseconds: more of the one than of the other makes the mean.
  function delay() return math.floor(pace + math.random()) end
end

-- requests, microseconds, failed, p50 and p99 in milliseconds
function done(summary, latency)
  local e = summary.errors
  print(string.format("result %d %d %d %.3f %.3f", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
