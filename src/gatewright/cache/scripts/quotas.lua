-- Quotas of all nodes: takes note of what a node has counted of keys, and leases it more of what is left.
--
-- A key's period is a hash: for each node `u{node}`, what it counted in the period, and `l{node}`, up to what it may
-- count; and `x` and `x{id}`, what UpdateUsage added. A key's days are another: `{day}:{node}`, and `first`, the first day of all.
-- Counts are told whole, not by how much they grew, so that telling them twice does nothing.
--
-- No node gets what another one may still count. A node that lives and was not heard of in this period may have let
-- through a first few by itself: these are kept back for it. When something is kept back or unspent while a node gets
-- less than it needs, the others are told by `news` to say what they have used and to give back the rest.
--
-- KEYS  nodes; the number of the last news; then for each ledger its days, its period, and the news of the period's end
-- ARGV  the node; seconds that days are kept;
--       then for each ledger: limit (-1: none), offset, the period's first day, what a first few are, wanted (0: gives
--       back), used in the period, the ledger's first day, today, used today, used yesterday, what news say of it
-- gives for each ledger up to what the node may count, and what UpdateUsage added less what the others have used; a node
-- that takes the period for the key's first one, since it met the key in this one, gets the offset back with that

local origin = 1700000000
local keys_each, values_each = 3, 11

local time = redis.call('TIME')
local now = (time[1] - origin) * 1000000 + time[2]
local node, kept = ARGV[1], ARGV[2]
local living, count = {}, 0
for _, each in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')) do
  living[each] = true
  count = count + 1
end

local function whole(number)
  return string.format('%.0f', number)
end

local function note_days(key, at)
  local first, today = tonumber(ARGV[at + 7]), tonumber(ARGV[at + 8])
  local known = redis.call('HGET', key, 'first')
  if known then
    first = math.min(first, tonumber(known))
  end
  redis.call('HSET', key, 'first', whole(first), whole(today) .. ':' .. node, ARGV[at + 9])
  if ARGV[at + 10] ~= '0' then
    redis.call('HSET', key, whole(today - 1) .. ':' .. node, ARGV[at + 10])
  end
  redis.call('EXPIRE', key, kept)
  return first
end

local answers = {}
for index = 1, (#KEYS - 2) / keys_each do
  local at = 2 + (index - 1) * values_each
  local days, period, news = KEYS[3 * index], KEYS[3 * index + 1], KEYS[3 * index + 2]
  local first = note_days(days, at)
  local limit, offset, start = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local few, wanted, used = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6])
  if limit < 0 then
    answers[2 * index - 1], answers[2 * index] = '0', '0'
  else
    local uses, leases, extra = {}, {}, 0
    local fields = redis.call('HGETALL', period)
    for place = 1, #fields, 2 do
      local name, value = fields[place], tonumber(fields[place + 1])
      if string.sub(name, 1, 1) == 'x' then
        extra = extra + value
      elseif string.sub(name, 1, 1) == 'u' then
        uses[string.sub(name, 2)] = value
      else
        leases[string.sub(name, 2)] = value
      end
    end
    local counted, taken, unheard, idle = 0, 0, 0, false
    for each, value in pairs(uses) do
      if each ~= node then
        counted = counted + value
        if living[each] and (leases[each] or 0) > value then
          taken = taken + leases[each]
          idle = true
        else
          taken = taken + value
        end
      end
    end
    for each in pairs(living) do
      if each ~= node and not uses[each] then
        unheard = unheard + 1
      end
    end
    local allowed = limit + extra
    if first >= start then
      allowed = allowed - offset
    end
    local lease = used
    if wanted > 0 then
      local free = allowed - taken - used - unheard * few
      -- When not all can have what they want, each gets what it needs: twice what it used since it last told, and one.
      local needed = math.min(wanted, 2 * math.max(0, used - (uses[node] or used)) + 1)
      local least = free < wanted * count and needed or wanted
      local grant = math.max(0, math.min(free, math.max(least, math.ceil(free / (2 * math.max(1, count))))))
      -- What it has it keeps, for it may have used some of it since it told us; unless others got it, while it was away.
      local held = math.min((leases[node] or 0) - used, free + unheard * few)
      lease = used + math.max(grant, held)
      if grant < needed and (idle or unheard > 0) then
        redis.call('ZADD', news, redis.call('INCR', KEYS[2]), ARGV[at + 11])
        redis.call('EXPIRE', news, kept)
      end
    end
    redis.call('HSET', period, 'u' .. node, whole(used), 'l' .. node, whole(lease))
    redis.call('EXPIRE', period, kept)
    local beside = extra - counted
    if tonumber(ARGV[at + 7]) >= start and first < start then
      beside = beside + offset
    end
    answers[2 * index - 1], answers[2 * index] = whole(lease), whole(beside)
  end
end

return answers
