-- Deletes a consumer that has nothing pending; in one step, since deleting one that has loses its entries.
--
-- KEYS  1 the stream;  ARGV  1 the group, 2 the consumer
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
return redis.status_reply('OK')
