-- Adds what a gateway let through to what each key owes. A key holds its theoretical arrival time, in
-- microseconds since 1970 by Redis's clock. It is kept for a window after nothing is owed any more: two
-- gateways may each tell of a steady rate that leaves no debt alone, and does together.
--
-- KEYS  the keys
-- ARGV  1 the window, then two a key: the cost of the requests, and the debt that they alone leave; all
--       in microseconds
--
-- Replies what each key owes now, in microseconds.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local window = tonumber(ARGV[1])
local debts = {}
for i, key in ipairs(KEYS) do
  local cost, alone = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local arrival = now + alone
  local stored = redis.call('GET', key)
  if stored then
    arrival = math.max(arrival, tonumber(stored) + cost)
  end
  debts[i] = arrival - now
  -- Lua would print it as 1.79e+15.
  redis.call('SET', key, string.format('%.0f', arrival), 'PX', math.ceil((debts[i] + window) / 1000))
end
return debts
