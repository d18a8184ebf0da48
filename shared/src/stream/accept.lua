-- Decides on one ballot and enqueues it, with nothing between the check and the enqueue.
--
-- KEYS  1 the poll's mark on this shard, 2 the shard's stream, 3... the voters' hashes of the questions
--       answered, then (of a vote with an idempotency key only) those of the poll's other questions, then,
--       where an address may vote once, the addresses' hashes of the questions answered
-- ARGV  1 voter, 2 digest, 3 packed entry, 4 the stream's bound, 5 number of questions answered,
--       6 number of voters' hashes, 7 '1' where the digest is over an idempotency key, 8 the kind:
--       'cast', 'change' or 'revoke', 9 address, 10 where its trace is gone on with, empty where it is not traced;
--       of a revoke, which names all of the poll's questions: 11 bytes of the entry before its answers,
--       12 nine bytes a question: '1' and the ballot's digest where it is answered as far as PostgreSQL knows, else
--       '0' and zeros; empty while it was not asked
--
-- Replies {outcome} or, for ALREADY_VOTED, {outcome, index of each question answered before}.
--
-- A voters' hash remembers, by voter, the digest of the ballot; where votes may be changed, the last four,
-- newest first, and an 'r' at the end while the vote is revoked.
local ACCEPTED, REPLAYED, MISMATCH, COLD, CLOSED, NOT_STARTED, ALREADY_VOTED, OVERLOADED, NOT_VOTED, UNKNOWN =
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9
local DIGEST, REMEMBERED, ANSWER, KNOWN = 8, 4, 9, 9
local voter, digest, entry, kind, address, trace = ARGV[1], ARGV[2], ARGV[3], ARGV[8], ARGV[9], ARGV[10]
local answered, voters = tonumber(ARGV[5]), tonumber(ARGV[6])
local keyed = ARGV[7] == '1'

local function is_revoked(seen)
  return #seen % DIGEST == 1
end

local earlier, already, revives = {}, {ALREADY_VOTED}, false
for i = 1, voters do
  local seen = redis.call('HGET', KEYS[2 + i], voter)
  if seen then
    for at = 1, #seen - DIGEST + 1, DIGEST do
      local one = string.sub(seen, at, at + DIGEST - 1)
      if one == digest then
        return {REPLAYED}
      end
      if keyed and string.sub(one, 1, 4) == string.sub(digest, 1, 4) then
        return {MISMATCH}
      end
    end
    earlier[i] = seen
    if i <= answered then
      if is_revoked(seen) then
        revives = true
      else
        already[#already + 1] = i - 1
      end
    end
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

-- The questions, by their index among those answered, that the event is about.
local about = {}
if kind == 'revoke' then
  local answers = {}
  for i = 1, answered do
    if not earlier[i] and ARGV[12] == '' then
      return {UNKNOWN}
    end
    if not earlier[i] and string.sub(ARGV[12], (i - 1) * KNOWN + 1, (i - 1) * KNOWN + 1) == '1' then
      -- Remembered from now on: it may be delivered once more, and is not to revive what is revoked here.
      earlier[i] = string.sub(ARGV[12], (i - 1) * KNOWN + 2, i * KNOWN)
    end
    if earlier[i] and not is_revoked(earlier[i]) then
      local at = tonumber(ARGV[11]) + (i - 1) * ANSWER
      answers[#answers + 1] = string.sub(entry, at + 1, at + ANSWER)
      about[#about + 1] = i
    end
  end
  if #about == 0 then
    return {NOT_VOTED}
  end
  entry = string.sub(entry, 1, tonumber(ARGV[11]) - 1) .. string.char(#about) .. table.concat(answers)
else
  for i = 1, answered do
    about[i] = i
    if #KEYS > 2 + voters and not earlier[i] and redis.call('HEXISTS', KEYS[2 + voters + i], address) == 1 then
      already[#already + 1] = i - 1
    end
  end
  if kind == 'cast' and #already > 1 then
    return already
  end
  if revives then
    -- A cast never replaces anything, not even a revoke: whoever votes again after one changes the vote.
    entry = string.sub(entry, 1, 1) .. '\2' .. string.sub(entry, 3)
  end
end
if redis.call('XLEN', KEYS[2]) >= tonumber(ARGV[4]) then
  return {OVERLOADED}
end
-- Appended first and remembered second: a script that fails half-way has promised nothing.
local fields = {'v', entry}
if trace ~= '' then
  fields = {'v', entry, 'traceparent', trace}
end
if not redis.call('XADD', KEYS[2], 'NOMKSTREAM', '*', unpack(fields)) then
  return {COLD}
end
for _, i in ipairs(about) do
  local remembered = digest
  local seen = earlier[i]
  if seen then
    local kept = math.min(#seen - #seen % DIGEST, (REMEMBERED - 1) * DIGEST)
    remembered = digest .. string.sub(seen, 1, kept)
  end
  if kind == 'revoke' then
    remembered = remembered .. 'r'
  end
  redis.call('HSET', KEYS[2 + i], voter, remembered)
  if #KEYS > 2 + voters then
    redis.call('HSET', KEYS[2 + voters + i], address, digest)
  end
end
return {ACCEPTED}
