-- Notes that an account uses a device, unless it uses as many others as it may.
--
-- KEYS  1 the account's devices
-- ARGV  1 device, 2 the most devices, 3 seconds after which devices that are not used are forgotten
--
-- Replies 1 if the device is one of the account's now, else 0.
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 then
  if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then
    return 0
  end
  redis.call('SADD', KEYS[1], ARGV[1])
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
