-- Sets the idle time of entries to zero that a consumer holds; those that others have taken over stay theirs.
--
-- KEYS  1 the stream;  ARGV  1 the group, 2 the consumer, 3... ids
for i = 3, #ARGV do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) == 1 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
  end
end
return redis.status_reply('OK')
