-- Decides on one ballot and enqueues it, with nothing between the check and the enqueue.
--
-- KEYS  1 the poll's mark on this shard, 2 the shard's stream, 3... the voters' hashes of the questions
--       answered, then (of a vote with an idempotency key only) those of the poll's other questions
-- ARGV  1 voter, 2 digest, 3 packed entry, 4 the stream's bound, 5 number of questions answered,
--       6 '1' where the digest is over an idempotency key
--
-- Replies {outcome} or, for ALREADY_VOTED, {outcome, index of each question answered before}.
local ACCEPTED, REPLAYED, MISMATCH, COLD, CLOSED, NOT_STARTED, ALREADY_VOTED, OVERLOADED = 0, 1, 2, 3, 4, 5, 6, 7
local voter, digest, answered = ARGV[1], ARGV[2], tonumber(ARGV[5])
local keyed = ARGV[6] == '1'

local already = {ALREADY_VOTED}
for i = 3, #KEYS do
  local seen = redis.call('HGET', KEYS[i], voter)
  if seen == digest then
    return {REPLAYED}
  end
  if seen and keyed and string.sub(seen, 1, 4) == string.sub(digest, 1, 4) then
    return {MISMATCH}
  end
  if seen and i < 3 + answered then
    already[#already + 1] = i - 3
  end
end

local mark = redis.call('GET', KEYS[1])
if not mark then
  return {COLD}
end
if mark == 'closed' then
  return {CLOSED}
end
local starts, ends = string.match(mark, '^open (%d+) (%d+)$')
if starts then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  if now < tonumber(starts) then
    return {NOT_STARTED}
  end
  if now >= tonumber(ends) then
    return {CLOSED}
  end
end

if #already > 1 then
  return already
end
if redis.call('XLEN', KEYS[2]) >= tonumber(ARGV[4]) then
  return {OVERLOADED}
end
-- Appended first and remembered second: a script that fails half-way has promised nothing.
if not redis.call('XADD', KEYS[2], 'NOMKSTREAM', '*', 'v', ARGV[3]) then
  return {COLD}
end
for i = 3, 2 + answered do
  redis.call('HSET', KEYS[i], voter, digest)
end
return {ACCEPTED}
