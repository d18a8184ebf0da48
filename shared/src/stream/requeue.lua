-- Adds a dead letter's entry to its stream anew, and takes it off the dead letters.
--
-- KEYS  1 the stream, 2 the dead letters;  ARGV  1 the letter's id, 2 the entry's field
-- Replies 1, or 0 where there is no such letter any more.
local letter = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])[1]
if not letter then
  return 0
end
local fields = letter[2]
for i = 1, #fields, 2 do
  if fields[i] == ARGV[2] then
    redis.call('XADD', KEYS[1], '*', ARGV[2], fields[i + 1])
  end
end
redis.call('XDEL', KEYS[2], ARGV[1])
return 1
