-- Token buckets of all nodes: books what a node has spent, and tells it how full its own bucket is to be.
--
-- A bucket is a hash: `full`, the instant at which it will be full again, in microseconds since `origin` by this
-- server's clock; and for each node that draws on it `{lease}:{end}`, the tokens, as a time, that the node may still
-- spend before it tells of them. What is missing in a bucket is a time as well, its debt.
--
-- KEYS  the buckets
-- ARGV  the node; microseconds that a lease stands; microseconds until the node comes again;
--       then for each bucket: microseconds a token, microseconds that fill it, tokens spent since the last time
-- gives for each bucket the debt that the node's own bucket is to have, in microseconds

local origin = 1700000000
-- So many nodes may empty a bucket at one moment, and all of it is paid back.
local most = 16

local time = redis.call('TIME')
local now = (time[1] - origin) * 1000000 + time[2]
local node, stands, ahead = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local debts = {}

for index, key in ipairs(KEYS) do
  local interval = tonumber(ARGV[3 * index + 1])
  local capacity = tonumber(ARGV[3 * index + 2])
  local spent = tonumber(ARGV[3 * index + 3])
  local debt, others, outstanding, own = 0, 0, 0, nil
  local fields = redis.call('HGETALL', key)
  for at = 1, #fields, 2 do
    local name, value = fields[at], fields[at + 1]
    if name == 'full' then
      debt = math.max(0, tonumber(value) - now)
    else
      local lease, ends = string.match(value, '^(.+):(.+)$')
      if tonumber(ends) <= now then
        redis.call('HDEL', key, name)
      elseif name == node then
        own = tonumber(lease)
      else
        others = others + 1
        outstanding = outstanding + tonumber(lease)
      end
    end
  end
  debt = math.min(debt + spent * interval, most * capacity)
  -- All that flows in until the node comes again is shared out as well.
  local lease = math.max(0, capacity - debt + ahead)
  -- Alone it has all of it. To one that comes later only half of that is another's, since it will have the other half.
  local told, known = debt, lease / 2
  if others > 0 then
    local share = math.max(lease / (others + 1), interval)
    -- A node that is new to the bucket does not wait until the others have given up theirs.
    -- One that renews keeps what it has not spent, also while another one holds more than its share.
    local left = own and math.max(lease - outstanding, own - spent * interval) or lease
    -- Whole tokens: with two halves nobody could do anything. (A fraction more, since times are written down rounded.)
    lease = math.max(0, math.floor(math.min(share, left) / interval + 0.0001) * interval)
    known = lease
    -- What flows in by then is of the lease, and not beside it.
    told = math.max(debt, capacity - lease + math.floor(ahead / interval) * interval)
  end
  redis.call('HSET', key, 'full', string.format('%.3f', now + debt),
    node, string.format('%.3f:%.0f', known, now + stands))
  redis.call('PEXPIRE', key, string.format('%.0f', math.ceil((debt + stands) / 1000)))
  debts[index] = string.format('%.3f', told)
end

return debts
