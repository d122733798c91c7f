import CCurl

/// Sole owner of one libcurl transfer, its header list and the memory that its callbacks use.
///
/// It is made, used and freed on the worker's thread. Everything that libcurl is given a pointer to
/// lives exactly as long as the handle, which must have left its multi handle before.
@safe struct EasyHandle: ~Copyable {
    // Made in init, freed in deinit, and libcurl stops using them when the handle is cleaned up.
    let raw: OpaquePointer
    private let callbacks: UnsafeMutablePointer<CurlCallbacks>
    private let message: UnsafeMutablePointer<CChar>
    private var headers: OpaquePointer?
    /// The first setting that libcurl refused.
    private(set) var failure: Int32 = 0

    /// - Parameters:
    ///   - id: Comes back with the end of the transfer.
    ///   - callbacks: Their context must outlive the handle.
    init(id: UInt64, callbacks: CurlCallbacks) {
        // Like Swift itself, which traps when memory is short.
        guard let raw = unsafe ccurl_easy_init(id) else {
            preconditionFailure("libcurl is out of memory")
        }
        unsafe self.raw = unsafe raw
        let kept = UnsafeMutablePointer<CurlCallbacks>.allocate(capacity: 1)
        unsafe kept.initialize(to: callbacks)
        let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(ccurl_error_size))
        unsafe message.initialize(repeating: 0, count: Int(ccurl_error_size))
        unsafe self.callbacks = unsafe kept
        unsafe self.message = unsafe message
        unsafe headers = nil
        unsafe set { raw in unsafe ccurl_set_callbacks(raw, kept) }
        unsafe set { raw in unsafe ccurl_set_error_buffer(raw, message) }
    }

    deinit {
        unsafe ccurl_easy_cleanup(raw)
        unsafe ccurl_headers_free(headers)
        unsafe callbacks.deallocate()
        unsafe message.deallocate()
    }

    /// Calls one setter, whose result is kept when it is the first that failed.
    mutating func set(_ setter: (OpaquePointer) -> Int32) {
        let code = unsafe setter(raw)
        if failure == 0 { failure = code }
    }

    /// Appends one line and hands libcurl the list.
    mutating func add(header line: String) {
        // libcurl copies the line; the list is freed after the handle that reads it.
        guard let list = unsafe ccurl_headers_append(headers, line) else {
            preconditionFailure("libcurl is out of memory")
        }
        unsafe headers = unsafe list
        unsafe set { raw in unsafe ccurl_set_headers(raw, list) }
    }

    /// libcurl's own words on a failed transfer.
    func text(of code: Int32) -> String {
        // Both are terminated strings: the buffer was zeroed, the other is static.
        let detail = unsafe String(cString: message)
        return detail.isEmpty ? unsafe String(cString: ccurl_error_text(code)) : detail
    }

    var status: Int { unsafe ccurl_status(raw) }
}
