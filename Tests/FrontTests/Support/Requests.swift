/// A request as bytes, from its parts.
func post(
    _ path: String = "/v1/check",
    headers: String = "",
    body: String = #"{"feature":"sso"}"#
) -> String {
    let framing = "Host: usher.test\r\nContent-Length: \(body.utf8.count)\r\n"
    return "POST \(path) HTTP/1.1\r\n\(framing)\(headers)\r\n\(body)"
}

/// The head of a `POST /v1/check` without the two headers that it needs.
func bare(_ headers: String, body: String = "") -> String {
    "POST /v1/check HTTP/1.1\r\n\(headers)\r\n\(body)"
}
