-- Strict checks: one request for each body in a file, made before the clock starts, then sent in turn.
--   args: the file of bodies, the API key, which body to begin with, and "once" to
--   say when the last one was sent.
local requests, count, position, once = {}, 0, 0, false

function init(args)
    local headers = {
        ["Authorization"] = "Bearer " .. args[2],
        ["Content-Type"] = "application/json",
    }
    for body in io.lines(args[1]) do
        count = count + 1
        requests[count] = wrk.format("POST", "/v1/check", headers, body)
    end
    position = tonumber(args[3]) % count
    once = args[4] == "once"
    collectgarbage("stop")
end

function request()
    position = position + 1
    if position > count then
        if once then
            io.write("every body was sent\n")
            io.stdout:flush()
            once = false
        end
        position = 1
    end
    return requests[position]
end
