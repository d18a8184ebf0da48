-- Writes a poll's absolute counts unless the hash holds a newer version.
--
-- KEYS  1 the poll's hash
-- ARGV  1 version, 2 life of the hash in seconds, 3... field, value, field, value, ...
--
-- Replies 1 where these are now the newest counts, also where they were there before: a crash may have
-- come between writing and publishing.
local stored = redis.call('HGET', KEYS[1], 'version')
if stored and tonumber(stored) > tonumber(ARGV[1]) then
  return 0
end
if not stored or tonumber(stored) < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'version', ARGV[1], unpack(ARGV, 3))
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
