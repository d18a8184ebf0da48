-- Moves an entry to the dead letters, once, however often it was delivered.
--
-- KEYS  1 the stream, 2 the dead letters
-- ARGV  1 the group, 2 the entry's id, 3 its error, 4 how often it failed, 5 the entry's field, 6 what it holds
local function is_pending()
  local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)
  return not pending.err and #pending == 1
end

-- Not pending any more: it was moved before, or Redis lost its memory and the caller has the only copy.
local function is_there()
  for _, letter in ipairs(redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1000)) do
    if letter[2][2] == ARGV[2] then
      return true
    end
  end
  return false
end

if is_pending() or not is_there() then
  redis.call('XADD', KEYS[2], '*', 'id', ARGV[2], 'error', ARGV[3], 'deliveries', ARGV[4], ARGV[5], ARGV[6])
  redis.pcall('XACK', KEYS[1], ARGV[1], ARGV[2])
  redis.call('XDEL', KEYS[1], ARGV[2])
end
return redis.status_reply('OK')
