-- Token buckets of all nodes: books what a node has spent, and tells it how full its own bucket is to be.
--
-- A bucket is a hash: `full`, `{instant}:{written}`, when it will be full again and when that was said, in microseconds
-- since `origin` by this server's clock; and for each node that draws on it `{lease}:{end}`, the tokens, as a time, that
-- the node may still spend before it tells of them. What is missing in a bucket is a time as well, its debt.
--
-- What was written later than now is of a clock that was set back since: the debt is as it was then, and leases, whose
-- ends say nothing any more, are given anew.
--
-- KEYS  the buckets
-- ARGV  the node; microseconds that a lease stands; microseconds until the node comes again; how often a bucket may be
--       emptied at one moment, all of which is paid back;
--       then for each bucket: microseconds a token, microseconds that fill it, tokens spent since the last time
-- gives for each bucket the debt that the node's own bucket is to have, in microseconds

local origin = 1700000000
local time = redis.call('TIME')
local now = (time[1] - origin) * 1000000 + time[2]
local node, stands, ahead, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local debts = {}

for index, key in ipairs(KEYS) do
  local interval = tonumber(ARGV[3 * index + 2])
  local capacity = tonumber(ARGV[3 * index + 3])
  local spent = tonumber(ARGV[3 * index + 4])
  local debt, others, outstanding, own, written = 0, 0, 0, nil, now
  local leases = {}
  local fields = redis.call('HGETALL', key)
  for at = 1, #fields, 2 do
    local amount, instant = string.match(fields[at + 1], '^(.+):(.+)$')
    if fields[at] == 'full' then
      written = tonumber(instant)
      debt = math.max(0, tonumber(amount) - math.max(now, written))
    else
      leases[fields[at]] = { amount = tonumber(amount), ends = tonumber(instant) }
    end
  end
  for name, lease in pairs(leases) do
    if lease.ends <= now or written > now then
      redis.call('HDEL', key, name)
    elseif name == node then
      own = lease.amount
    else
      others = others + 1
      outstanding = outstanding + lease.amount
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
  redis.call('HSET', key, 'full', string.format('%.3f:%.0f', now + debt, now),
    node, string.format('%.3f:%.0f', known, now + stands))
  redis.call('PEXPIRE', key, string.format('%.0f', math.ceil((debt + stands) / 1000)))
  debts[index] = string.format('%.3f', told)
end

return debts
