-- Strict checks, or consumes: one request for each body in a file, made before the clock starts, then
-- sent in turn.
--   args: the file of bodies, the API key, which body to begin with, the path, and "once" to say when
--   the last one was sent. From then on only checks are, so that nothing more is consumed.
local requests, count, position, last = {}, 0, 0, nil

function init(args)
    local headers = {
        ["Authorization"] = "Bearer " .. args[2],
        ["Content-Type"] = "application/json",
    }
    local first
    for body in io.lines(args[1]) do
        first = first or body
        count = count + 1
        requests[count] = wrk.format("POST", args[4], headers, body)
    end
    -- wrk asks once more than it sends: it looks at a request before it starts.
    position = tonumber(args[3]) % count - 1
    if args[5] == "once" then
        last = wrk.format("POST", "/v1/check", headers, first)
    end
    collectgarbage("stop")
end

function request()
    position = position + 1
    if position > count then
        if last then
            if position == count + 1 then
                io.write("every body was sent\n")
                io.stdout:flush()
            end
            return last
        end
        position = 1
    end
    return requests[math.max(position, 1)]
end
