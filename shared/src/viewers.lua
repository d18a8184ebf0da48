-- Notes how many watch a poll at one gateway, and forgets the gateways that have not told for too long.
--
-- KEYS  1 the poll's viewers: gateway -> its viewers, and when it told, in seconds since 1970 by Redis's clock
-- ARGV  1 gateway, 2 its viewers, 3 seconds for which they count
--
-- Replies how many watch at all gateways.
local now = redis.call('TIME')[1]
local life = tonumber(ARGV[3])
if ARGV[2] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. now)
end
local sum = 0
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local viewers, told = string.match(fields[i + 1], '^(%d+) (%d+)$')
  if now - told < life then
    sum = sum + viewers
  else
    redis.call('HDEL', KEYS[1], fields[i])
  end
end
redis.call('EXPIRE', KEYS[1], life)
return sum
