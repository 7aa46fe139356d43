-- UpdateUsage: a key has so many requests left, or so many more, in the present period, whichever node counts them.
--
-- Each extension is a field `x{id}` of the period, by how much it changes the quota: to be told of it again changes
-- nothing. The oldest of many are added up in `x`.
--
-- KEYS  the number of the last news; the key's days; its period; the news of the period's end
-- ARGV  seconds that it is kept; limit; offset; the period's first day; the extension's id; `left` or `more`; how many;
--       what news say of it
-- gives by how much the quota was changed

local most, kept = 64, 32

local limit, offset, start = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local field, amount = 'x' .. ARGV[5], tonumber(ARGV[7])
local used, extra, earlier, amounts = 0, 0, {}, {}
local fields = redis.call('HGETALL', KEYS[3])
for place = 1, #fields, 2 do
  local name, value = fields[place], tonumber(fields[place + 1])
  local kind = string.sub(name, 1, 1)
  if kind == 'u' then
    used = used + value
  elseif kind == 'x' then
    extra = extra + value
    if name ~= 'x' then
      earlier[#earlier + 1] = name
      amounts[name] = value
    end
  end
end
if amounts[field] then
  return '0'
end
if ARGV[6] == 'left' then
  -- Who never called is in its first period.
  local first = tonumber(redis.call('HGET', KEYS[2], 'first') or start)
  local allowed = limit + extra
  if first >= start then
    allowed = allowed - offset
  end
  amount = amount + used - allowed
end
redis.call('HSET', KEYS[3], field, string.format('%.0f', amount))
if #earlier >= most then
  table.sort(earlier)
  for index = 1, #earlier - kept do
    redis.call('HINCRBY', KEYS[3], 'x', string.format('%.0f', amounts[earlier[index]]))
    redis.call('HDEL', KEYS[3], earlier[index])
  end
end
redis.call('EXPIRE', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], redis.call('INCR', KEYS[1]), ARGV[8])
redis.call('EXPIRE', KEYS[4], ARGV[1])
return string.format('%.0f', amount)
