-- What wrk sends, to either store: `wrk -s requests.lua URL -- paxos|raft|sketch|etcd put|get|mixed keys value-size`.
-- Everything is made before the first request, so that the generator costs the same and little for both.

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(text)
  local pieces = {}
  for at = 1, #text, 3 do
    local first, second, third = text:byte(at, at + 2)
    local bits = first * 65536 + (second or 0) * 256 + (third or 0)
    for place = 0, 3 do
      local digit = math.floor(bits / 64 ^ (3 - place)) % 64
      pieces[#pieces + 1] = (place > #text - at + 1) and "=" or alphabet:sub(digit + 1, digit + 1)
    end
  end
  return table.concat(pieces)
end

local json = { ["content-type"] = "application/json" }

local makers = {
  paxos = {
    put = function(key, value) return wrk.format("PUT", "/kv/" .. key, json, '{"value":"' .. value .. '"}') end,
    get = function(key) return wrk.format("GET", "/kv/" .. key .. "?consistency=strong") end,
  },
  etcd = {
    put = function(key, value)
      local body = '{"key":"' .. base64(key) .. '","value":"' .. base64(value) .. '"}'
      return wrk.format("POST", "/v3/kv/put", json, body)
    end,
    get = function(key) return wrk.format("POST", "/v3/kv/range", json, '{"key":"' .. base64(key) .. '"}') end,
  },
}

-- The same store, on the other engine; and the bare data path of it.
makers.raft = makers.paxos
makers.sketch = makers.paxos

-- In turn: a put, a linearizable read, a put, a read as it comes.
local turn = 0
function makers.paxos.mixed(key, value)
  turn = turn + 1
  if turn % 2 == 1 then return makers.paxos.put(key, value) end
  return turn % 4 == 0 and wrk.format("GET", "/kv/" .. key) or makers.paxos.get(key)
end

local requests = {}
local sent = 0

function init(words)
  local make = makers[words[1]][words[2]]
  local keys, size = tonumber(words[3]), tonumber(words[4])
  for number = 1, keys do
    requests[number] = make(string.format("key%013d", number), string.rep(string.char(97 + number % 26), size))
  end
end

function request()
  sent = sent + 1
  return requests[(sent - 1) % #requests + 1]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"us":%d,"p50":%d,"p90":%d,"p99":%d,"p999":%d,"max":%d,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"not 2xx":%d,"time-out":%d}}\n',
    summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency:percentile(99.9), latency.max,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
