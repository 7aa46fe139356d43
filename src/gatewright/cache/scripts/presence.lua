-- A node lives, and hears what is new of quotas.
--
-- KEYS  nodes; the number of the last news; then news, one for each end of a period
-- ARGV  the node; seconds for which it lives without being heard (0: it leaves); the last news that it has heard
-- gives how many nodes live, the number of the last news, and all news after what it had heard

local origin = 1700000000
local time = redis.call('TIME')
local now = (time[1] - origin) * 1000000 + time[2]

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
if ARGV[2] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  local life = string.format('%.0f', now + ARGV[2] * 1000000)
  redis.call('ZADD', KEYS[1], life, ARGV[1])
  -- Nobody lives longer than who was heard just now; it seems so where this server's clock was set back.
  for _, each in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. life, '+inf')) do
    redis.call('ZADD', KEYS[1], life, each)
  end
end
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local heard = tonumber(ARGV[3])
if last < heard then
  heard = 0
end
local answer = { redis.call('ZCARD', KEYS[1]), last }
if last > heard then
  for index = 3, #KEYS do
    for _, each in ipairs(redis.call('ZRANGEBYSCORE', KEYS[index], '(' .. heard, '+inf')) do
      answer[#answer + 1] = each
    end
  end
end
return answer
