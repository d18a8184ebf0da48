-- Makes a shard ready: the stream with its group, then a poll's mark, each only where missing.
--
-- KEYS  1 the shard's stream, 2 the poll's mark on this shard (absent: the stream only)
-- ARGV  1 the group, 2 the highest id ever committed from this shard, 3 the mark, 4 its life in seconds
redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
-- A stream made anew, which has never held an entry, must not hand out ids that an earlier one has.
if redis.call('XLEN', KEYS[1]) == 0 then
  local last = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #last, 2 do
    if last[i] == 'last-generated-id' and last[i + 1] == '0-0' then
      redis.call('XSETID', KEYS[1], ARGV[2])
    end
  end
end
if KEYS[2] then
  redis.call('SET', KEYS[2], ARGV[3], 'NX', 'EX', ARGV[4])
end
return redis.status_reply('OK')
