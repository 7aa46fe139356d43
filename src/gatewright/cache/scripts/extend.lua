-- UpdateUsage: so many requests are left to a key in the present period, whichever node counts them.
--
-- KEYS  the number of the last news; the key's days; its period; the news of the period's end
-- ARGV  seconds that it is kept; limit; offset; the period's first day; how many are to be left; what news say of it
-- gives what was added

local limit, offset, start = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local used = 0
local fields = redis.call('HGETALL', KEYS[3])
for place = 1, #fields, 2 do
  if string.sub(fields[place], 1, 1) == 'u' then
    used = used + tonumber(fields[place + 1])
  end
end
-- Who never called is in its first period.
local first = tonumber(redis.call('HGET', KEYS[2], 'first') or start)
local allowed = limit
if first >= start then
  allowed = allowed - offset
end
local extra = string.format('%.0f', tonumber(ARGV[5]) + used - allowed)
redis.call('HSET', KEYS[3], 'x', extra)
redis.call('EXPIRE', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], redis.call('INCR', KEYS[1]), ARGV[6])
redis.call('EXPIRE', KEYS[4], ARGV[1])
return extra
